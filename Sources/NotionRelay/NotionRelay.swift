@main
enum NotionRelay {
    static func main() {}
}
