/// Writing what stands around event v1 in structured mode (CloudEvents 1.0, JSON event format, 3).
extension EventRecord {
    /// The attributes are those of the headers, which have to be there, with the same text: extensions are strings in
    /// both modes, and whoever reads either finds the same event. Trace context stays a header, since it belongs to the
    /// record and not to the event.
    mutating func openEnvelope() {
        json.append(UInt8(ascii: "{"))
        let nameText = names.text
        for index in headers.indices {
            let header = headers[index]
            guard header.name.isAttribute else { continue }
            json.append(UInt8(ascii: "\""))
            json.append(nameText.span.extracting(names.places[header.name.rawValue].dropFirst(HeaderName.prefixBytes)))
            json.append(words.quoteAndColon)
            scratch.removeAll(keepingCapacity: true)
            for place in header.start..<header.end { scratch.append(headerText[place]) }
            writeScratch()
            json.append(UInt8(ascii: ","))
        }
        json.append(words.dataContentType)
    }

    mutating func closeEnvelope() {
        json.append(UInt8(ascii: "}"))
    }
}
