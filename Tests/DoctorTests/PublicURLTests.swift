import Testing

@testable import Doctor

@Suite
struct PublicURLTests {
    @Test(arguments: [
        "localhost", "relay.localhost", "relay", "relay.local", "relay.internal", "edge.default.svc", "127.0.0.1",
        "127.9.9.9", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "0.0.0.0", "224.0.0.1", "::1", "::", "fe80::1", "fd12:3456::1", "fc00::1", "::ffff:10.0.0.1", "ff02::1",
    ])
    func `a host that Notion cannot reach is known by its name`(host: String) {
        guard case .notPublic = HostReach(host) else {
            Issue.record("\(host) counts as \(HostReach(host))")
            return
        }
    }

    @Test(arguments: [
        ("relay.harbour.studio", HostReach.name), ("localhost.harbour.studio", .name), ("10.example.org", .name),
        ("8.8.8.8", .publicAddress), ("172.15.0.1", .publicAddress), ("172.32.0.1", .publicAddress),
        ("100.63.255.255", .publicAddress), ("2606:4700::1111", .publicAddress), ("1.2.3.4.org", .name),
    ])
    func `a public host or address is accepted`(host: String, reach: HostReach) {
        #expect(HostReach(host) == reach)
    }

    @Test(arguments: [
        ("https://Relay.Harbour.Studio/notion/webhooks?key=s3cret#x", "relay.harbour.studio", "/notion/webhooks"),
        ("http://user:pass@10.0.0.1:8080", "10.0.0.1", "/"), ("https://[::1]:8443/a", "::1", "/a"),
    ])
    func `an address is parsed, and what may be secret is not shown`(text: String, host: String, path: String) {
        let url = PublicURL(text)
        #expect(url?.host == host && url?.path == path)
        #expect(url?.shown.contains("s3cret") == false && url?.shown.contains("pass") == false)
    }

    @Test(arguments: ["", "relay.harbour.studio", "ftp://relay.harbour.studio", "https://", "https:///path"])
    func `a text without scheme or host is no address`(text: String) {
        #expect(PublicURL(text) == nil)
    }
}
