import Foundation
import TestSupport
import Testing

@testable import PluginHost
import SequenceModel

/// What is written down of calls into plugins. Serialized with itself alone: the journal is the process's.
@Suite(.serialized) struct CallJournalTests {
    private struct Failure: Error {}

    @Test func namesTheCallInProgress() throws {
        let page = UnsafeMutableRawPointer.allocate(byteCount: CallJournal.byteCount, alignment: 64)
        page.initializeMemory(as: UInt8.self, repeating: 0, count: CallJournal.byteCount)
        // The page stays: other tests may be in the middle of a call.
        let journal = CallJournal(page)
        #expect(journal.lastCall == nil && !journal.isInPlugin && !journal.hasEnded)
        CallJournal.write(to: journal)
        let path = try TestPlugins.bigram.get()
        let factory = try #require(try Plugin.load(path).models.first)
        let model = try factory.create(.object([:]), services: NoHostServices())
        #expect(journal.lastCall?.model == "bigram" && journal.lastCall?.path == path)
        #expect(journal.lastCall?.function == "parameter" && !journal.isInPlugin)
        CallJournal.during("a function") {
            #expect(journal.isInPlugin && journal.lastCall?.function == "a function")
        }
        #expect(throws: Failure.self) { try CallJournal.during("another") { throw Failure() } }
        #expect(!journal.isInPlugin && journal.lastCall?.function == "another")
        CallJournal.note(model: String(repeating: "é", count: 300), path: String(repeating: "p", count: 9000))
        #expect(journal.lastCall?.path.count == CallJournal.byteCount - 257)
        #expect(!Interruption.isRequested)
        CallJournal.noteEnd()
        #expect(journal.hasEnded)
        withExtendedLifetime(model) {}
    }
}
