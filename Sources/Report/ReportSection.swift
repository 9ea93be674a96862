/// One part of the page.
struct ReportSection {
    /// Of the `section` element, which the list of contents points to.
    let id: String
    /// In the list of contents.
    let title: String
    /// The whole element; empty when there is nothing to say.
    let html: String

    init(_ id: String, _ title: String, _ html: String) {
        self.id = id
        self.title = title
        self.html = html
    }
}
