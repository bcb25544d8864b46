#include "io/first_bytes.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "billing/error.h"

namespace billing {
namespace {

using namespace std::string_literals;

/// As the program tells it, with commands.
std::string describe(const std::string& name, const std::string& bytes,
                     Compression within = Compression::none) {
  return tell(describe_first_bytes(name, bytes, InputNeed::stream, within), "--");
}

std::string tar_archive() {
  std::string bytes(kFirstBytes, '\0');
  return bytes.replace(0, 8, "logs.txt").replace(257, 5, "ustar");
}

TEST(FirstBytes, TellWhatAFileIsAndTheCommandThatHelps) {
  const std::vector<std::pair<std::string, std::string>> known{
      {"\x04\x22\x4d\x18", "is compressed with lz4; try: lz4cat f | billing aggregate -"},
      {"BZh91AY&SY", "is compressed with bzip2; try: bzcat f | billing aggregate -"},
      {"\xfd\x37zXZ\0"s, "is compressed with xz; try: xzcat f | billing aggregate -"},
      {"PK\x03\x04", "is a zip archive; try: unzip -p f | billing aggregate -"},
      {tar_archive(), "is a tar archive; try: tar -xOf f | billing aggregate -"},
      {"\xff\xfe\x32\0"s, "is UTF-16 text; try: iconv -f UTF-16 -t UTF-8 f | billing aggregate -"},
      {"\xfe\xff\0\x32"s, "is UTF-16 text; try: iconv -f UTF-16 -t UTF-8 f | billing aggregate -"},
      {"2\0\x30\0"s, "is UTF-16 text; try: iconv -f UTF-16LE -t UTF-8 f | billing aggregate -"},
      {"\0\x32\0\x30"s, "is UTF-16 text; try: iconv -f UTF-16BE -t UTF-8 f | billing aggregate -"},
      {"\xff\xfe\0\0"s, "is UTF-32 text; try: iconv -f UTF-32 -t UTF-8 f | billing aggregate -"},
      {std::string(16, '\0') + "x",
       "is text behind NUL bytes, as of a log that was truncated while its program wrote it; try: "
       "tr -d '\\000' < f | billing aggregate -"},
      {"billing partial\n", "is a partial; bill it with: billing merge f"},
  };
  for (const auto& [bytes, words] : known) {
    EXPECT_EQ(describe("f", bytes), words);
    EXPECT_EQ(describe("f", bytes + bytes), words);
  }
  std::string old_gnu = tar_archive();
  old_gnu.replace(257, 8, "ustar  \0"s);
  EXPECT_TRUE(describe("f", old_gnu).starts_with("is a tar archive"));
  EXPECT_TRUE(describe("f", "PAR1").starts_with("is a Parquet file; export it as text first"));
}

TEST(FirstBytes, HostsOfTheLibraryAreToldOfNoCommands) {
  const auto told = [](const std::string& bytes, Compression within = Compression::none) {
    return tell(describe_first_bytes("f", bytes, InputNeed::stream, within));
  };
  EXPECT_EQ(told("BZh91AY&SY"), "is compressed with bzip2");
  EXPECT_EQ(told("billing partial\n"), "is a partial");
  EXPECT_EQ(told(tar_archive(), Compression::gzip), "is a tar archive, within gzip");
}

TEST(FirstBytes, OfTextAndOfWhatIsDecompressedSayNothing) {
  for (const std::string& text :
       {""s, "\x1f\x8b"s, "\x28\xb5\x2f\xfd"s, "2025-05-02T23:16:50Z u login 200 1ms\n"s, "\x1f"s,
        "\x8b\x1f"s, "\x28\xb5\x2f"s, "PK"s, "\xef\xbb\xbf"s, "a\0b"s, std::string(15, '\0'),
        "2\0"
        "2"s,
        "\xc3\xbc ber"s, "ustar"s, std::string(kFirstBytes, 'x'),
        std::string(257, 'x') + "ustar login 200 1ms\n"}) {
    EXPECT_EQ(describe("f", text), "") << text;
  }
}

TEST(FirstBytes, OfStandardInputNameACommandForTheSamePipe) {
  const auto of_stdin = [](const std::string& bytes) {
    return describe(std::string(kStdinName), bytes);
  };
  EXPECT_EQ(of_stdin("BZh91AY&SY"),
            "is compressed with bzip2; try: ... | bzcat | billing aggregate -");
  EXPECT_EQ(of_stdin("PK\x03\x04"), "is a zip archive; try: ... | funzip | billing aggregate -");
  EXPECT_EQ(of_stdin(tar_archive()),
            "is a tar archive; try: ... | tar -xOf - | billing aggregate -");
  EXPECT_EQ(of_stdin("billing partial\n"), "is a partial; bill it with: billing merge FILE");
}

TEST(FirstBytes, WhereAFileIsNeededNameACommandThatMakesOne) {
  const auto as_file = [](const std::string& name, const std::string& bytes) {
    return describe_first_bytes(name, bytes, InputNeed::file);
  };
  const std::string advice = "; turn it into a text file and name that";
  EXPECT_EQ(as_file("a.gz", "\x1f\x8b"), "");
  EXPECT_EQ(as_file("a.zst", "\x28\xb5\x2f\xfd"), "");
  EXPECT_EQ(as_file("a.bz2", "BZh"), "is compressed with bzip2" + advice + ": bunzip2 -k a.bz2");
  EXPECT_EQ(as_file("a", "BZh"), "is compressed with bzip2" + advice + ": bzcat a > a.txt");
  EXPECT_EQ(as_file("my a.zip", "PK\x03\x04"), "is a zip archive" + advice + ": unzip 'my a.zip'");
  EXPECT_EQ(as_file("a", "\xff\xfe"),
            "is UTF-16 text" + advice + ": iconv -f UTF-16 -t UTF-8 a > a.txt");
  EXPECT_EQ(as_file(std::string(kStdinName), "BZh"), "is compressed with bzip2" + advice);
}

TEST(FirstBytes, NamesAreQuotedForTheShell) {
  EXPECT_TRUE(describe("it's mine.xz", "\xfd\x37zXZ\0"s)
                  .ends_with("xzcat 'it'\\''s mine.xz' | billing aggregate -"));
  EXPECT_TRUE(describe("-a\nb", "BZh").ends_with("bzcat $'./-a\\nb' | billing aggregate -"));
}

TEST(FirstBytes, OfWhatIsCompressedTwiceOrHoldsNoTextNameBothSteps) {
  const auto within = [](Compression compression, const std::string& bytes,
                         const std::string& name = "f") {
    return describe(name, bytes, compression);
  };
  EXPECT_EQ(within(Compression::gzip, tar_archive()),
            "is a tar archive, within gzip; try: zcat f | tar -xOf - | billing aggregate -");
  EXPECT_EQ(within(Compression::zstd, "PK\x03\x04"),
            "is a zip archive, within zstd; try: zstdcat f | funzip | billing aggregate -");
  EXPECT_EQ(within(Compression::gzip, "\x1f\x8b"),
            "is compressed with gzip, within gzip; try: zcat f | zcat | billing aggregate -");
  EXPECT_EQ(within(Compression::gzip, "billing partial\n", "p.gz"),
            "is a partial, within gzip; decompress it first: zcat p.gz > FILE");
  EXPECT_EQ(within(Compression::gzip, "PAR1"),
            "is a Parquet file, within gzip; decompress it first: zcat f > FILE");
  EXPECT_EQ(within(Compression::gzip, tar_archive(), std::string(kStdinName)),
            "is a tar archive, within gzip; try: ... | zcat | tar -xOf - | billing aggregate -");
  EXPECT_EQ(within(Compression::gzip, "2025-05-02T23:16:50Z u login 200 1ms\n"), "");
}

}  // namespace
}  // namespace billing
