@main
struct Kscope {
  static func main() {}
}
