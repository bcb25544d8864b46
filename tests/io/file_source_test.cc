#include "io/file_source.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "file_source_fixture.h"

namespace billing {
namespace {

const std::vector<std::string> kTexts{"one\ntwo\n\nthree\r\nfour", "", "\n", "no line end",
                                      "x\ny\n"};

TEST_F(FileSourceTest, MappedAndReadGiveTheSameChunksOfAnySize) {
  for (std::size_t chunk_bytes = 1; chunk_bytes < 40; ++chunk_bytes) {
    ASSERT_EQ(mapped(kTexts, chunk_bytes), expected(kTexts, chunk_bytes)) << chunk_bytes;
    ASSERT_EQ(read(kTexts, chunk_bytes), expected(kTexts, chunk_bytes)) << chunk_bytes;
  }
}

TEST_F(FileSourceTest, APipeThatGivesAFewBytesAtATimeGivesTheSameChunks) {
  for (const std::size_t step : {1, 2, 7}) {
    for (std::size_t chunk_bytes = 1; chunk_bytes < 40; ++chunk_bytes)
      ASSERT_EQ(piped(kTexts[0], chunk_bytes, step), expected({kTexts[0]}, chunk_bytes));
  }
}

TEST_F(FileSourceTest, LargeTextsOfLinesOfAnyLengthGiveTheSameChunks) {
  std::mt19937_64 random(1);
  std::string text;
  while (text.size() < 1'000'000)
    text += std::string(random() % 10 == 0 ? random() % 100'000 : random() % 100, 'x') + "\n";
  for (const std::size_t chunk_bytes :
       {1U, 1000U, 65'535U, 65'536U, 65'537U, 400'000U, 2'000'000U}) {
    ASSERT_EQ(mapped({text}, chunk_bytes), expected({text}, chunk_bytes));
    ASSERT_EQ(read({text}, chunk_bytes), expected({text}, chunk_bytes));
    ASSERT_EQ(piped(text, chunk_bytes, 50'000), expected({text}, chunk_bytes));
  }
}

TEST_F(FileSourceTest, ALineLongerThanTheChunkStaysWhole) {
  const std::string line = std::string(300'000, 'x') + "\n";
  for (const auto& pieces :
       {mapped({line + line}, 10), read({line + line}, 10), piped(line + line, 10, 4096)})
    EXPECT_EQ(pieces, Pieces({{0, 0, line}, {0, line.size(), line}}));
}

TEST_F(FileSourceTest, ATextWithoutALineEndIsOneChunk) {
  const std::string text(500'000, 'x');
  for (const auto& pieces : {mapped({text}, 10), read({text}, 10), piped(text, 10, 4096)})
    EXPECT_EQ(pieces, Pieces({{0, 0, text}}));
}

/// Lines of a stream, those longer than `max_bytes` cut, as `length:text` with the bytes that they
/// take.
std::vector<std::string> records_of(FileSource& source) {
  std::vector<std::string> records;
  std::uint64_t offset_bytes = 0;
  for (Chunk chunk; source.next(chunk); offset_bytes += chunk.covered_bytes()) {
    EXPECT_EQ(chunk.offset_bytes, offset_bytes);
    if (chunk.cut) {
      records.push_back(std::to_string(chunk.cut->record_bytes) + ":" + std::string(chunk.bytes));
      continue;
    }
    for (std::size_t at = 0; at < chunk.bytes.size();) {
      const std::size_t end = std::min(chunk.bytes.find('\n', at), chunk.bytes.size());
      records.emplace_back(chunk.bytes.substr(at, end - at));
      at = end + 1;
    }
  }
  EXPECT_EQ(source.input_bytes(0), offset_bytes);
  return records;
}

TEST_F(FileSourceTest, OfARecordThatIsTooLongABeginningIsKept) {
  constexpr std::uint64_t kMaxBytes = 1024;
  const std::string longest(kMaxBytes, 'x');
  for (const std::size_t more : {1U, 2U, 3U, 64'000U, 65'536U, 300'000U}) {
    const std::string record = longest + std::string(more, 'y');
    const std::string cut = std::to_string(record.size()) + ":" + record.substr(0, 65'536);
    for (const std::string end : {"\n", "\r\n", "\r", ""}) {
      make_file("log", "one\n" + longest + "\r\n" + record + end);
      for (const std::size_t chunk_bytes : {1U, 7U, 1030U, 5000U}) {
        std::vector<Input> inputs = open_inputs({at("log")});
        FileSource source(inputs, chunk_bytes, kMaxBytes, line_cutters(), [] {});
        std::vector<std::string> records = records_of(source);
        ASSERT_EQ(records.size(), 3u);
        EXPECT_EQ(records[0], "one");
        EXPECT_EQ(records[1], longest + "\r");
        // One that ended within what was read ahead is left to the decoder.
        if (records[2].starts_with("x")) records[2] = cut.substr(0, cut.find(':') + 1) + record;
        EXPECT_EQ(records[2].substr(0, cut.size()), cut) << more << " " << chunk_bytes;
      }
    }
  }
}

TEST_F(FileSourceTest, RecordsBehindOneThatIsTooLongAreWhole) {
  const std::string record(500'000, 'x');
  make_file("log", record + "\n" + record + "\ntwo\n\n" + record + "z\nthree");
  std::vector<Input> inputs = open_inputs({at("log")});
  FileSource source(inputs, 100, 1024, line_cutters(), [] {});
  const std::string kept = record.substr(0, 65'536);
  EXPECT_EQ(records_of(source), (std::vector<std::string>{"500000:" + kept, "500000:" + kept, "two",
                                                          "", "500001:" + kept, "three"}));
}

/// Records end at `;`, and how many there were before a chunk is what holds at it.
class SemicolonCutter final : public RecordCutter {
 public:
  struct Count final : RecordState {
    std::size_t records = 0;
  };

  std::size_t first_end(std::string_view bytes, std::size_t from) override {
    const std::size_t at = bytes.find(';', from);
    return at == kNone ? kNone : at + 1;
  }
  std::size_t last_end(std::string_view bytes, std::size_t from) override {
    const std::size_t at = bytes.rfind(';');
    return at == kNone || at < from ? kNone : at + 1;
  }
  std::size_t skip(std::string_view more) override { return first_end(more, 0); }
  std::shared_ptr<const RecordState> pass(std::string_view chunk) override {
    records_ += static_cast<std::size_t>(std::count(chunk.begin(), chunk.end(), ';'));
    auto state = std::make_shared<Count>();
    state->records = records_;
    return state;
  }

 private:
  std::size_t records_ = 0;
};

TEST_F(FileSourceTest, AFormatSaysWhereRecordsEndAndWhatHoldsAtAChunk) {
  std::string text;
  for (int i = 0; i < 300; ++i) text += std::string(static_cast<std::size_t>(i % 37), '\n') + "x;";
  for (const bool mapped : {true, false}) {
    for (const std::size_t chunk_bytes : {1U, 10U, 64U, 5000U}) {
      std::vector<Input> inputs = open_inputs(files({text, text}));
      for (Input& input : inputs) {
        if (mapped) input.map_in_turn();
      }
      const auto make_cutter = [](std::size_t) { return std::make_unique<SemicolonCutter>(); };
      FileSource source(inputs, chunk_bytes, kMaxRecordBytes, make_cutter, [] {});
      std::vector<std::string> read(2);
      for (Chunk chunk; source.next(chunk);) {
        std::string& before = read[chunk.input];
        EXPECT_EQ(static_cast<std::size_t>(std::count(before.begin(), before.end(), ';')),
                  dynamic_cast<const SemicolonCutter::Count&>(*chunk.start).records);
        EXPECT_EQ(chunk.bytes.back(), ';');
        before += chunk.bytes;
      }
      EXPECT_EQ(read, std::vector<std::string>(2, text));
    }
  }
}

TEST_F(FileSourceTest, NothingGivesNoChunk) {
  EXPECT_EQ(mapped({"", ""}, 10), Pieces());
  EXPECT_EQ(read({"", ""}, 10), Pieces());
  EXPECT_EQ(piped("", 10, 1), Pieces());
  std::vector<Input> none;
  FileSource source(none, 1, kMaxRecordBytes, line_cutters(), [] {});
  EXPECT_EQ(all_of(source), Pieces());
}

TEST_F(FileSourceTest, WhatTheCheckpointThrowsPassesThrough) {
  make_file("log", "one\ntwo\n");
  std::vector<Input> inputs = open_inputs({at("log")});
  inputs.front().map();
  bool cancelled = false;
  FileSource source(inputs, 1, kMaxRecordBytes, line_cutters(), [&cancelled] {
    if (cancelled) throw std::runtime_error("cancelled");
  });
  Chunk chunk;
  EXPECT_TRUE(source.next(chunk));
  cancelled = true;
  EXPECT_THROW(source.next(chunk), std::runtime_error);
}

TEST_F(FileSourceTest, AnInputThatCannotBeReadIsAnError) {
  std::vector<Input> inputs;
  inputs.emplace_back("a\nb", UniqueFd(::open(folder_.c_str(), O_RDONLY | O_CLOEXEC)));
  FileSource source(inputs, 1, kMaxRecordBytes, line_cutters(), [] {});
  Chunk chunk;
  EXPECT_EQ(error_of([&] { source.next(chunk); }), "1: a\\nb: cannot be read: Is a directory");
}

TEST_F(FileSourceTest, APipeOfWhatIsNoTextIsAnError) {
  EXPECT_EQ(error_of([&] { piped("\x04\x22\x4d\x18\n", 1, 4); }),
            "1: pipe: is compressed with lz4");
}

/// Whether this process has the file open.
bool has_open(const std::string& path) {
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code ignored;  // the iterator's own descriptor may be gone
    if (std::filesystem::read_symlink(entry.path(), ignored) == path) return true;
  }
  return false;
}

TEST_F(FileSourceTest, AnInputIsHeldFromItsTurnUntilItsLastChunkHasGone) {
  make_file("one", "1\n2\n");
  make_file("two", "3\n4\n");
  std::vector<Input> inputs = open_inputs({at("one"), at("two")});
  for (Input& input : inputs) input.map_in_turn();
  FileSource source(inputs, 1, kMaxRecordBytes, line_cutters(), [] {});
  EXPECT_FALSE(inputs[0].is_mapped());
  Chunk first;
  Chunk second;
  ASSERT_TRUE(source.next(first));
  ASSERT_TRUE(source.next(second));
  ASSERT_TRUE(source.next(second));
  EXPECT_EQ(second.input, 1u);
  EXPECT_TRUE(inputs[0].is_mapped() && inputs[1].is_mapped());
  EXPECT_EQ(first.bytes, "1\n");
  ASSERT_TRUE(source.next(first));
  EXPECT_FALSE(inputs[0].is_mapped());
  EXPECT_FALSE(source.next(first) || source.next(second));
  EXPECT_FALSE(inputs[1].is_mapped());
}

TEST_F(FileSourceTest, OfMoreFilesThanMayBeOpenEachIsOpenInItsTurn) {
  make_file("one", "1\n");
  make_file("two", "2\n");
  std::vector<Input> inputs = open_inputs({at("one"), at("two")}, InputNeed::stream, 1);
  FileSource source(inputs, 1, kMaxRecordBytes, line_cutters(), [] {});
  EXPECT_FALSE(has_open(at("one")) || has_open(at("two")));
  Chunk chunk;
  ASSERT_TRUE(source.next(chunk));
  EXPECT_TRUE(has_open(at("one")));
  ASSERT_TRUE(source.next(chunk));
  EXPECT_TRUE(has_open(at("two")) && !has_open(at("one")));
  EXPECT_FALSE(source.next(chunk));
  EXPECT_FALSE(has_open(at("two")));
}

TEST_F(FileSourceTest, APackedPipeIsKnownAlsoWhereItsFirstBytesComeOneByOne) {
  std::string tar(300, '\0');
  tar.replace(0, 8, "logs.txt").replace(257, 5, "ustar");
  for (const std::string& text : {std::string("BZh9"), std::string("billing partial\n"),
                                  std::string("\xff\xfe"
                                              "2\0",
                                              4),
                                  tar}) {
    EXPECT_TRUE(contains(error_of([&] { piped(text, 1, 1); }), "1: pipe: is ")) << text;
  }
}

TEST_F(FileSourceTest, AFileThatIsReadFromItsMiddleIsNotMapped) {
  make_file("log", "one\ntwo\n");
  UniqueFd fd(::open(at("log").c_str(), O_RDONLY | O_CLOEXEC));
  ASSERT_EQ(::lseek(fd.get(), 4, SEEK_SET), 4);
  std::vector<Input> inputs;
  inputs.emplace_back("log", std::move(fd));
  inputs.front().map();
  FileSource source(inputs, 1, kMaxRecordBytes, line_cutters(), [] {});
  EXPECT_EQ(all_of(source), Pieces({{0, 0, "two\n"}}));
}

TEST_F(FileSourceTest, EndOfAStreamIsAskedForOnce) {
  make_pipe("log");
  std::thread writer([this] { std::ofstream(at("log")) << "one\n"; });
  std::vector<Input> inputs = open_inputs({at("log")});
  writer.join();
  FileSource source(inputs, 100, kMaxRecordBytes, line_cutters(), [] {});
  Chunk chunk;
  ASSERT_TRUE(source.next(chunk));
  UniqueFd late(::open(at("log").c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
  ASSERT_EQ(::write(late.get(), "two\n", 4), 4);
  late.close();
  EXPECT_FALSE(source.next(chunk)) << "the stream had ended: " << chunk.bytes;
}

}  // namespace
}  // namespace billing
