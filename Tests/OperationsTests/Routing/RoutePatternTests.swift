import Testing

@testable import Operations

struct RoutePatternTests {
    @Test(
        arguments: [
            ("/", "/", [:]),
            ("/livez", "/livez", [:]),
            ("/v1/pages/{id}", "/v1/pages/a-b", ["id": "a-b"]),
            ("/v1/{kind}/{id}/markdown", "/v1/pages/7/markdown", ["kind": "pages", "id": "7"]),
            ("/{id}", "/a%2Fb%20c", ["id": "a/b c"]),
            ("/{}", "/{}", [:]),
        ] as [(String, String, [String: String])]
    )
    func `a path that fits gives its names`(pattern: String, path: String, names: [String: String]) {
        #expect(RoutePattern(pattern).match(path[...]) == names)
    }

    @Test(arguments: [
        ("/livez", "/livez/"), ("/livez", "/live"), ("/livez", "/LIVEZ"), ("/{id}", "/"), ("/{id}", "/a/b"),
        ("/{id}", "/%zz"), ("/{id}", "/%FF"), ("/a/b", "/a%2Fb"), ("/a", "/%61"), ("/", "//"),
    ])
    func `another path does not`(pattern: String, path: String) {
        #expect(RoutePattern(pattern).match(path[...]) == nil)
    }
}
