/// The version of this program, as `--version`, the build metric and the client id say it.
package enum Version {
    package static let text = "0.1.0"
}
