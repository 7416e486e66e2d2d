// Written by scripts/generate-constants; do not edit.

/// Encodings of base types (DWARF 5 §7.8, table 7.11).
public enum DWEncoding: UInt8, Sendable {
  case address = 0x1  // DW_ATE_address
  case boolean = 0x2  // DW_ATE_boolean
  case complexFloat = 0x3  // DW_ATE_complex_float
  case float = 0x4  // DW_ATE_float
  case signed = 0x5  // DW_ATE_signed
  case signedChar = 0x6  // DW_ATE_signed_char
  case unsigned = 0x7  // DW_ATE_unsigned
  case unsignedChar = 0x8  // DW_ATE_unsigned_char
  case imaginaryFloat = 0x9  // DW_ATE_imaginary_float
  case packedDecimal = 0xa  // DW_ATE_packed_decimal
  case numericString = 0xb  // DW_ATE_numeric_string
  case edited = 0xc  // DW_ATE_edited
  case signedFixed = 0xd  // DW_ATE_signed_fixed
  case unsignedFixed = 0xe  // DW_ATE_unsigned_fixed
  case decimalFloat = 0xf  // DW_ATE_decimal_float
  case utf = 0x10  // DW_ATE_UTF
  case ucs = 0x11  // DW_ATE_UCS
  case ascii = 0x12  // DW_ATE_ASCII
}
