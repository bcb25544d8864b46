#include "billing/mediate.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>

#include "formats/text_record.h"
#include "job/hostile_log.h"
#include "record_vectors.h"

namespace billing {
namespace {

/// By offset, what became of each record that is no blank; and how many were blank.
struct Decisions {
  std::map<std::uint64_t, std::string> by_offset;
  std::uint64_t records = 0;
  std::uint64_t blanks = 0;
  Uint128 quantity = 0;
  bool operator==(const Decisions&) const = default;
};

void PrintTo(const Decisions& decisions, std::ostream* out) {
  *out << decisions.records << " records, " << decisions.blanks << " blanks\n";
  for (const auto& [offset, decision] : decisions.by_offset)
    *out << offset << ": " << decision << "\n";
}

/// Line by line, on the careful path.
Decisions carefully(std::string_view text) {
  Decisions decisions;
  for (std::size_t at = 0; at < text.size(); ++decisions.records) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    TextRecord record;
    const TextDecision decision = decode_text_record(text.substr(at, end - at), record);
    if (decision.outcome == TextOutcome::blank) {
      ++decisions.blanks;
    } else if (decision.outcome == TextOutcome::reject) {
      decisions.by_offset[at] = describe_reject(decision.reason, decision.column);
    } else {
      decisions.by_offset[at] = describe_event(record.time_ns, record.user, record.task,
                                               record.status, record.duration_ms);
      decisions.quantity += record.duration_ms;
    }
    at = end + 1;
  }
  return decisions;
}

Decisions mediated(std::string_view text, std::size_t readable_bytes) {
  const auto batch = std::make_unique<EventBatch>();
  Decisions decisions;
  std::uint64_t events = 0, rejects = 0;
  const MediationCounts counts = mediate(
      {text, readable_bytes}, {}, *batch,
      [&](EventBatch& full) {
        for (std::size_t i = 0; i < full.size; ++i, ++events) {
          decisions.by_offset[full.offset_bytes[i]] = describe_event(
              full.time_ns[i], full.user[i], full.task[i], full.status[i], full.quantity[i]);
        }
      },
      [&](const Reject& reject) {
        ++rejects;
        decisions.by_offset[reject.offset_bytes] = describe_reject(reject.reason, reject.column);
      });
  EXPECT_EQ(counts.bytes, text.size());
  EXPECT_EQ(counts.events, events);
  EXPECT_EQ(counts.rejects, rejects);
  EXPECT_EQ(counts.records, counts.events + counts.rejects + counts.blanks);
  decisions.records = counts.records;
  decisions.blanks = counts.blanks;
  decisions.quantity = counts.quantity;
  return decisions;
}

/// Texts that end where memory ends: a load beyond is a crash.
class MediateTest : public testing::Test {
 protected:
  static constexpr std::size_t kRoomBytes = 1 << 20;

  MediateTest() {
    const auto page_bytes = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    memory_ = static_cast<char*>(::mmap(nullptr, kRoomBytes + page_bytes, PROT_READ | PROT_WRITE,
                                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    EXPECT_EQ(::mprotect(memory_ + kRoomBytes, page_bytes, PROT_NONE), 0);
    mapped_bytes_ = kRoomBytes + page_bytes;
  }
  ~MediateTest() override { ::munmap(memory_, mapped_bytes_); }

  std::string_view at_the_end_of_memory(std::string_view text) {
    char* const at = memory_ + kRoomBytes - text.size();
    std::memcpy(at, text.data(), text.size());
    return {at, text.size()};
  }

  testing::AssertionResult is_read_right(std::string_view text) {
    const std::string_view guarded = at_the_end_of_memory(text);
    if (mediated(guarded, guarded.size()) == carefully(guarded)) return testing::AssertionSuccess();
    return testing::AssertionFailure() << testing::PrintToString(text.substr(0, 300));
  }

  char* memory_ = nullptr;
  std::size_t mapped_bytes_ = 0;
};

const std::string kLine = "2025-05-02T23:16:50Z user115 login 200 1568ms\n";

std::string lines(std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    text += "2025-05-02T23:16:50Z user" + std::to_string(i * 7919 % 1000) + " login 200 " +
            std::to_string(i) + "ms\n";
  }
  return text;
}

TEST_F(MediateTest, NothingIsNoRecord) {
  EXPECT_TRUE(is_read_right(""));
  EXPECT_EQ(mediated("", 0).records, 0u);
}

TEST_F(MediateTest, EveryPieceOfAShortTextIsReadRight) {
  const std::string text = kLine + "\n" + kLine.substr(0, 45) + "\r\n bad\n" + kLine;
  for (std::size_t begin = 0; begin < text.size(); ++begin) {
    for (std::size_t bytes = 0; begin + bytes <= text.size(); ++bytes)
      ASSERT_TRUE(is_read_right(std::string_view(text).substr(begin, bytes)));
  }
}

TEST_F(MediateTest, TheEndOfALongTextAtEveryPlaceIsReadRight) {
  const std::string text = lines(2000);
  for (std::size_t bytes = text.size() - 100; bytes <= text.size(); ++bytes)
    ASSERT_TRUE(is_read_right(std::string_view(text).substr(0, bytes)));
}

TEST_F(MediateTest, TheSizeAtWhichCursorsBecomeSeveralIsNoBorder) {
  const std::string text = lines(3000);
  for (std::size_t bytes = 16 * 1024 - 60; bytes <= 16 * 1024 + 60; ++bytes)
    ASSERT_TRUE(is_read_right(std::string_view(text).substr(0, bytes)));
}

TEST_F(MediateTest, WhatStandsBehindTheEndIsNotInterpreted) {
  for (const std::string& text : {kLine + kLine + kLine + kLine, lines(1000)}) {
    for (std::size_t bytes = text.size() - 3 * kLine.size(); bytes <= text.size(); ++bytes) {
      const std::string_view front = std::string_view(text).substr(0, bytes);
      ASSERT_EQ(mediated(front, text.size()), carefully(front)) << bytes;
    }
  }
}

TEST_F(MediateTest, ALineOfAnyLengthIsReadRight) {
  for (std::size_t name = 1; name < 300; ++name) {
    const std::string line =
        "2025-05-02T23:16:50Z " + std::string(name, 'u') + " login 200 1568ms\n";
    ASSERT_TRUE(is_read_right(line));
    ASSERT_TRUE(is_read_right(line + line + line.substr(0, line.size() - 1)));
  }
}

TEST_F(MediateTest, LongTextsOfFewRecordsAreReadRight) {
  const std::string long_line(40'000, 'x');
  EXPECT_TRUE(is_read_right(long_line));
  EXPECT_TRUE(is_read_right(long_line + "\n"));
  EXPECT_TRUE(is_read_right(kLine + long_line + "\n" + kLine));
  EXPECT_TRUE(is_read_right(long_line + "\n" + kLine + kLine));
  EXPECT_TRUE(is_read_right(std::string(50'000, '\n')));
  EXPECT_TRUE(is_read_right(std::string(50'000, '\r')));
  EXPECT_TRUE(is_read_right(std::string(50'000, '\0')));
  EXPECT_TRUE(is_read_right(std::string(25'000, '\n') + lines(700)));
}

TEST_F(MediateTest, HostileTextsAreReadRight) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    HostileLog random(seed);
    ASSERT_TRUE(is_read_right(random.text(random.below(700)))) << seed;
  }
}

TEST_F(MediateTest, RandomBytesAreReadRight) {
  constexpr std::string_view kBytes = "\n\n\r \t0azZ-:ms\xC3\xA9";
  std::mt19937_64 random(1);
  for (int i = 0; i < 300; ++i) {
    std::string text(random() % 40'000, ' ');
    for (char& c : text) c = kBytes[random() % kBytes.size()];
    ASSERT_TRUE(is_read_right(text));
  }
}

TEST_F(MediateTest, TheOraclesRecordsAreReadRightInOneText) {
  std::string text;
  for (const RecordVector& vector : read_record_vectors()) text += vector.record + "\n";
  ASSERT_LT(text.size(), kRoomBytes);
  EXPECT_TRUE(is_read_right(text));
}

/// `reason@column` of each reject, in the order of the text, and the number of events.
std::string decisions_on(const RecordBytes& records, const MediationOptions& options = {}) {
  const auto batch = std::make_unique<EventBatch>();
  std::map<std::uint64_t, std::string> rejects;
  const MediationCounts counts = mediate(
      records, options, *batch, [](EventBatch&) {},
      [&](const Reject& reject) {
        rejects[reject.offset_bytes] = describe_reject(reject.reason, reject.column);
      });
  std::string text = std::to_string(counts.events) + " events";
  for (const auto& [offset, reject] : rejects) text += " " + reject;
  return text;
}

TEST_F(MediateTest, AByteOrderMarkAtTheStartOfAnInputBelongsToTheFirstRecord) {
  const std::string mark = "\xEF\xBB\xBF";
  for (const std::string& text : {kLine, lines(1000)}) {
    const std::string marked = mark + text;
    const std::size_t records = text == kLine ? 1 : 1000;
    EXPECT_EQ(decisions_on({marked, marked.size(), true}), std::to_string(records) + " events");
    EXPECT_EQ(decisions_on({marked, marked.size(), false}),
              std::to_string(records - 1) + " events bad_time@1");
  }
  EXPECT_EQ(decisions_on({mark, mark.size(), true}), "0 events");
  const std::string bad = mark + "x login\n" + mark + kLine;
  EXPECT_EQ(decisions_on({bad, bad.size(), true}), "0 events field_count@11 bad_time@1");
}

TEST_F(MediateTest, ARecordThatIsTooLongIsRejectedWhateverItHolds) {
  MediationOptions options;
  options.max_record_bytes = kMinRecordLimitBytes;
  const std::string event = kLine.substr(0, kLine.size() - 1);
  for (const std::string end : {"", "\n", "\r\n", "\r"}) {
    const std::string longest = event + std::string(1024 - event.size(), ' ') + end;
    EXPECT_EQ(decisions_on({longest, longest.size()}, options), "1 events");
    const std::string longer = " " + longest;
    EXPECT_EQ(decisions_on({longer, longer.size()}, options), "0 events too_long@1");
    const std::string blank = std::string(1025, ' ') + end;
    EXPECT_EQ(decisions_on({blank, blank.size()}, options), "0 events too_long@1");
  }
}

TEST_F(MediateTest, AnExceptionOfASinkPassesThrough) {
  const auto batch = std::make_unique<EventBatch>();
  const auto fail = [](const auto&) { throw std::runtime_error("full"); };
  const auto ignore = [](const auto&) {};
  const std::string text = lines(5000) + "bad\n";
  EXPECT_THROW(mediate({text, text.size()}, {}, *batch, fail, ignore), std::runtime_error);
  EXPECT_THROW(mediate({text, text.size()}, {}, *batch, ignore, fail), std::runtime_error);
}

TEST_F(MediateTest, ASinkMayEmptyTheBatch) {
  const auto batch = std::make_unique<EventBatch>();
  const std::string text = lines(5000);
  const MediationCounts counts = mediate(
      {text, text.size()}, {}, *batch, [](EventBatch& full) { full.size = 0; },
      [](const Reject&) {});
  EXPECT_EQ(counts.events, 5000u);
}

}  // namespace
}  // namespace billing
