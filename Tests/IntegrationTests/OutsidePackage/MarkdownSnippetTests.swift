import Testing

@Suite
struct MarkdownSnippetTests {
    private static let document = """
        # Title

        ```swift
        import A

        let a = 1
        ```

        ```
        notion-relay help
        ```

        ```swift
        a("localhost:9092")
        print(a)  // 1
        if a { print(b)  // 2 }
        ```
        """

    @Test
    func `blocks of Swift are found with their lines, others are not`() {
        let snippets = MarkdownSnippet.all(in: Self.document, file: "X.md")
        #expect(
            snippets == [
                MarkdownSnippet(file: "X.md", line: 4, lines: ["import A", "", "let a = 1"]),
                MarkdownSnippet(
                    file: "X.md",
                    line: 14,
                    lines: [#"a("localhost:9092")"#, "print(a)  // 1", "if a { print(b)  // 2 }"]
                ),
            ]
        )
    }

    @Test
    func `doc comments of a source file are read without their marks`() {
        let source = """
                /// A box.
                ///
                /// ```swift
                /// if a {
                ///     b()
                ///
                /// }
                /// ```
                struct Box {}
            """
        let expected = MarkdownSnippet(file: "X.swift", line: 4, lines: ["if a {", "    b()", "", "}"])
        #expect(MarkdownSnippet.all(in: source, file: "X.swift") == [expected])
    }

    @Test
    func `imports stand outside of the function, and every line keeps its number`() {
        let source = MarkdownSnippet.all(in: Self.document, file: "X.md")[0].source(function: "f")
        let expected = """
            #sourceLocation(file: "X.md", line: 4)
            import A


            #sourceLocation()
            func f() async throws {
            #sourceLocation(file: "X.md", line: 4)


            let a = 1
            #sourceLocation()
            }

            """
        #expect(source == expected)
    }

    @Test
    func `what a snippet says that it prints is known, and its broker can be another`() {
        let snippet = MarkdownSnippet.all(in: Self.document, file: "X.md")[1]
        #expect(snippet.claims == ["1"])
        #expect(snippet.source(function: "f").contains(#"a("localhost:9092")"#))
        #expect(snippet.source(function: "f", broker: "given").contains("a(given)"))
    }
}
