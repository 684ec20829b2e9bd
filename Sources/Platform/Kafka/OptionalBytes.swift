/// An address for empty keys, values and header values: librdkafka takes a null address for a null value.
///
/// Safety: nothing is read through it, its size is always 0; it points into the program's constants.
nonisolated(unsafe) let emptyBytes = UnsafeRawPointer(("" as StaticString).utf8Start)

/// Calls `body` with the address and size that librdkafka wants for these bytes; `nil` is null, empty is not.
@inline(__always)
func withBytes<Result>(of bytes: Span<UInt8>?, _ body: (UnsafeRawPointer?, Int) -> Result) -> Result {
    guard let bytes else { return body(nil, 0) }
    return bytes.withUnsafeBufferPointer { body(UnsafeRawPointer($0.baseAddress) ?? emptyBytes, $0.count) }
}
