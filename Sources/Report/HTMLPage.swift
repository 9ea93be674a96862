import Crypto
import Foundation

/// One HTML file with its style, scripts and data in it, that fetches nothing: what every page of this module is.
struct HTMLPage {
    /// Text, not HTML.
    let title: String
    let style: String
    /// Safe HTML: header and main part.
    let body: String
    /// The link that the keyboard meets first: where it goes, and what it says; nil: none.
    var skip: (to: String, text: String)?
    /// In the order they run; a library may hold what ends a `script` element.
    var scripts: [String] = []
    /// JSON that the scripts read from the element `data`; nil: none.
    var data: String?

    /// The document. Its Content-Security-Policy allows just this style and these scripts (W3C, CSP 3, section 2.3.1).
    var html: String {
        // In a string of a script `<\/` is `</`; nothing else of a library may end the element.
        let scripts = scripts.map { $0.replacing("</script", with: "<\\/script") }
        let allowed = scripts.isEmpty ? [] : ["script-src \(scripts.map(HTMLPage.hash).joined(separator: " "))"]
        let policy = ["default-src 'none'", "style-src \(HTMLPage.hash(style))"] + allowed + ["base-uri 'none'", "form-action 'none'"]
        let data = data.map { "<script type=\"application/json\" id=\"data\">\(HTML.scriptJSON($0))</script>\n" } ?? ""
        return """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="\(policy.joined(separator: "; "))">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="generator" content="zoo">
            <title>\(HTML.escape(title))</title>
            <style>\(style)</style>
            </head>
            <body>
            \(skip.map { "<a class=\"skip\" href=\"#\($0.to)\">\($0.text)</a>\n" } ?? "")<div class="page">
            \(body)
            <footer>Written by zoo. This file is complete: it opens from disk and fetches nothing.</footer>
            </div>
            \(data)\(scripts.map { "<script>\($0)</script>" }.joined(separator: "\n"))
            </body>
            </html>

            """
    }

    /// A source expression that allows this text.
    private static func hash(_ text: String) -> String {
        "'sha256-\(Data(SHA256.hash(data: Data(text.utf8))).base64EncodedString())'"
    }
}
