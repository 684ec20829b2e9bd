/// A queue: appended to at the end, taken from the front, both in constant time on average.
package struct Fifo<Element> {
    private var elements: [Element] = []
    private var head = 0

    package init() {}

    package var count: Int { elements.count - head }
    package var isEmpty: Bool { head == elements.count }

    /// The element that many places behind the front.
    package subscript(_ place: Int) -> Element {
        get { elements[head + place] }
        set { elements[head + place] = newValue }
    }

    package var first: Element? { isEmpty ? nil : elements[head] }

    package mutating func append(_ element: Element) { elements.append(element) }

    /// Places in front of `head` are given back once they are the larger half, so that each element moves once at most.
    package mutating func removeFirst() -> Element? {
        guard head < elements.count else { return nil }
        let element = elements[head]
        head += 1
        if head == elements.count {
            elements.removeAll(keepingCapacity: head <= 1024)
            head = 0
        } else if head >= 64, head * 2 >= elements.count {
            elements.removeFirst(head)
            head = 0
        }
        return element
    }
}
