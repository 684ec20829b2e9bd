import CLinux
import Foundation
import HTTPServer
import TestSupport
import Testing

struct UnixSocketTests {
    private let folder: TemporaryDirectory
    private var path: String { folder.file("edge.sock") }
    private let request = "GET /client HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

    init() throws {
        folder = try TemporaryDirectory("socket")
    }

    @Test(arguments: [1, 3])
    func `a server is reached by a path, by owner and group, and leaves nothing behind`(loops: Int) throws {
        let server = try ScriptedServer(at: "unix:\(path)", loops: loops)
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o660)
        for _ in 0..<50 {
            let client = try TestClient(path: path)
            client.send(request)
            #expect(try client.answer().body == "unix")
            client.close()
        }
        #expect(server.stop())
        #expect(server.server.counts.connectionsAccepted == 50)
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func `the file of a process that is gone is replaced, one in use is not`() throws {
        let gone = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(gone, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        #expect(status == 0)
        close(gone)
        let server = try ScriptedServer(at: "unix:\(path)")
        let error = #expect(throws: ServerError.self) { try ScriptedServer(at: "unix:\(path)") }
        #expect(error?.description == "cannot listen on unix:\(path): another process listens there")
        let client = try TestClient(path: path)
        client.send(request)
        #expect(try client.answer().body == "unix")
        client.close()
        #expect(server.stop())
    }

    @Test func `a file that is no socket stays`() throws {
        try folder.write("kept", to: "edge.sock")
        let error = #expect(throws: ServerError.self) { try ScriptedServer(at: "unix:\(path)") }
        #expect(error?.description == "cannot listen on unix:\(path): there is a file that is no socket")
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "kept")
    }

    @Test func `a path that fits into no address is refused`() {
        #expect(ListenAddress("unix:/" + String(repeating: "a", count: 106)) != nil)
        #expect(ListenAddress("unix:/" + String(repeating: "a", count: 107)) == nil)
        #expect(ListenAddress("unix:edge.sock") == nil)
        #expect(ListenAddress("unix:") == nil)
    }
}
