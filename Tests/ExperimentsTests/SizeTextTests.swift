import Experiments
import Testing

struct SizeTextTests {
    @Test(arguments: [
        ("300", 300), ("1k", 1000), ("256K", 256_000), ("1M", 1_000_000), ("2.5M", 2_500_000), ("1e6", 1_000_000),
        ("1_000", 1000), ("1G", 1_000_000_000), ("7B", 7_000_000_000),
    ])
    func counts(_ text: String, _ value: Int) { #expect(SizeText.count(text) == value) }

    @Test(arguments: [("256", 256), ("1k", 1024), ("4K", 4096), ("16k", 16384), ("1M", 1 << 20), ("0.5k", 512)])
    func lengths(_ text: String, _ value: Int) { #expect(SizeText.length(text) == value) }

    @Test(arguments: [
        "", "k", "0", "-1", "1.5", "1.2345k", "1kk", "M1", "nan", "inf", "0x10", " 1", "1 k", "1e30", "9e18", "+5",
        "1e400M",
        "٣",
    ])
    func refused(_ text: String) {
        #expect(SizeText.count(text) == nil)
        #expect(SizeText.length(text) == nil)
    }

    @Test func numbersForPeople() {
        #expect(
            [999, 1000, 1_000_000, 962_048, 1_234_567, 999_999].map(SizeText.short) == [
                "999", "1k", "1M", "962k", "1.23M", "1.00M",
            ])
        #expect(
            [0, 1023, 1024, 1536, 32 << 20].map(SizeText.bytes) == ["0 B", "1023 B", "1 KiB", "1.50 KiB", "32 MiB"])
        #expect([256, 1000, 1024, 16384].map(SizeText.context) == ["256", "1000", "1k", "16k"])
        #expect([0.5, 123.4, 5129, 12345.6].map(SizeText.rate) == ["0.50", "123", "5.13k", "12.3k"])
        #expect(
            [3.25, 42, 187, 7500, .infinity].map(SizeText.duration) == [
                "3.2 s", "42 s", "3 min 07 s", "2 h 05 min", "?",
            ])
    }

    @Test func seeds() {
        #expect(SeedList.parse("3") == [1, 2, 3])
        #expect(SeedList.parse("1") == [1])
        #expect(SeedList.parse("7,") == [7])
        #expect(SeedList.parse("1,5,9") == [1, 5, 9])
        for text in [
            "0", "-1", "", ",", "1,1", "1,,2", "a", "1001", "1,-2", "1,99999999999999999999", "1,9007199254740993",
        ] {
            #expect(SeedList.parse(text) == nil, "\(text)")
        }
    }
}
