public struct CallFrames: Sendable {}
