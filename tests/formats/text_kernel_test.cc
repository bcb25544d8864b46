// The fast path at each SIMD level against the careful path: whatever a kernel takes, the careful
// path reads the same; the rest it hands back untouched.

#include "formats/text_kernel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <ostream>
#include <random>
#include <string>
#include <vector>

#include "formats/text_record.h"

namespace billing {
namespace {

/// Those of this processor that take records.
std::vector<SimdLevel> kernel_levels() {
  const std::vector<SimdLevel>& levels = available_simd_levels();
  return {levels.begin() + 1, levels.end()};
}

constexpr std::size_t kBufferBytes = 2048;
using Lines = std::vector<std::string>;

class TextKernelTest : public testing::TestWithParam<SimdLevel> {
 protected:
  /// One record at the front of readable memory; behind it, what might mislead.
  void write(const std::string& text, const std::string& behind = "") {
    buffer_ = text + behind;
    buffer_.resize(kBufferBytes, '\n');
  }

  /// Whether the kernel takes the record at the front of the buffer. Fails where the careful path
  /// reads another one there.
  bool takes_rightly() {
    const char* const fast_end = buffer_.data() + fast_bytes_;
    TextCursor cursor{buffer_.data(), fast_end, fast_end, buffer_.data()};
    batch_->size = 0;
    EXPECT_EQ(text_kernels(GetParam()).single(&cursor, *batch_), 0u);
    if (batch_->size == 0) {
      EXPECT_EQ(cursor.at, buffer_.data());
      return false;
    }
    EXPECT_EQ(batch_->size, 1u);
    EXPECT_TRUE(is_right(0, buffer_.data(), cursor.at)) << escaped();
    return true;
  }

  /// Is event `n` what the careful path makes of the line, which ends before `next`?
  bool is_right(std::size_t n, const char* line, const char* next) {
    const char* const newline =
        buffer_.data() + buffer_.find('\n', static_cast<std::size_t>(line - buffer_.data()));
    TextRecord record;
    const std::string_view text(line, static_cast<std::size_t>(newline - line));
    return next == newline + 1 && decode_text_record(text, record).outcome == TextOutcome::event &&
           batch_->time_ns[n] == record.time_ns && batch_->user[n].data() == record.user.data() &&
           batch_->user[n] == record.user && batch_->task[n].data() == record.task.data() &&
           batch_->task[n] == record.task && batch_->status[n] == record.status &&
           batch_->quantity[n] == record.duration_ms &&
           batch_->offset_bytes[n] == static_cast<std::uint64_t>(line - buffer_.data());
  }

  std::string escaped() const { return testing::PrintToString(buffer_.substr(0, 120)); }

  std::string buffer_;
  std::size_t fast_bytes_ = 1;  ///< from the front of the buffer to its cursor's fast_end
  std::unique_ptr<EventBatch> batch_ = std::make_unique<EventBatch>();
};

const Lines kShapes{
    "2025-05-02T23:16:50Z user115 login 200 1568ms\n",
    "2025-05-02T23:16:50Z user115 login 200 1568ms\r\n",
    "2024-02-29T00:00:00Z a b 100 0ms\n",
    "1970-01-01T00:00:00Z u getUserProfile 599 12345678ms\n",
    "2261-12-31T23:59:59Z user1000000 createOrder 404 00000001ms\n",
    "2100-12-09T09:09:09Z exactly16bytes__ andseventeenbytes 301 99999999ms\r\n",
    "2025-05-02T23:16:50Z user.name+tag@mail.example.com task/with-all_of~it 200 7ms\n",
    "2025-05-02T23:16:50.123Z user115 login 200 1568ms\n",
    "2025-05-02T23:16:50Z user115 login 200 123456789012345ms\n",
    "2025-05-02T23:16:50+02:00 user115 login 200 1568ms\n",
    " 2025-05-02T23:16:50Z  user115 login 200 1568ms\n",
    "bad\n"};
constexpr std::size_t kCommonShapes = 6;

TEST_P(TextKernelTest, TakesTheCommonShape) {
  for (std::size_t i = 0; i < kCommonShapes; ++i) {
    write(kShapes[i]);
    EXPECT_TRUE(takes_rightly()) << kShapes[i];
  }
}

TEST_P(TextKernelTest, AnyByteAtAnyPlaceIsReadAsTheCarefulPathReadsIt) {
  for (const std::string& shape : kShapes) {
    for (std::size_t place = 0; place < shape.size(); ++place) {
      for (int byte = 0; byte < 256; ++byte) {
        write(shape, "2025-05-02T23:16:51Z user2 logout 201 9ms\n");
        buffer_[place] = static_cast<char>(byte);
        takes_rightly();
        if (HasFailure()) FAIL() << "byte " << byte << " at " << place << " of " << shape;
      }
    }
  }
}

TEST_P(TextKernelTest, AnyByteMoreOrLessIsReadAsTheCarefulPathReadsIt) {
  for (const std::string& shape : kShapes) {
    for (std::size_t place = 0; place < shape.size(); ++place) {
      std::string line = shape;
      write(line.erase(place, 1), "2025-05-02T23:16:51Z user2 logout 201 9ms\n");
      takes_rightly();
      for (int byte = 0; byte < 256; ++byte) {
        line = shape;
        write(line.insert(place, 1, static_cast<char>(byte)), "s\n");
        takes_rightly();
        if (HasFailure()) FAIL() << "byte " << byte << " before " << place << " of " << shape;
      }
    }
  }
}

TEST_P(TextKernelTest, SeveralBytesAtRandomAreReadAsTheCarefulPathReadsThem) {
  constexpr std::string_view kLikely = "0123456789 \t\r\n-:TZms.+/aA\x7F\x80\xC3\xA9";
  std::mt19937_64 random(1);
  for (int i = 0; i < 300'000; ++i) {
    const std::string& shape = kShapes[random() % kShapes.size()];
    write(shape, shape);
    for (std::uint64_t changes = 2 + random() % 3; changes > 0; --changes)
      buffer_[random() % shape.size()] = kLikely[random() % kLikely.size()];
    takes_rightly();
    if (HasFailure()) FAIL() << escaped();
  }
}

TEST_P(TextKernelTest, EveryDateOfTheYearsAroundALeapDayIsRight) {
  for (const char* year :
       {"1969", "1970", "1999", "2000", "2024", "2025", "2100", "2261", "2262"}) {
    for (int month = 0; month <= 20; ++month) {
      for (int day = 0; day <= 40; ++day) {
        const std::string date = std::to_string(10'000 + month * 100 + day);
        write(std::string(year) + "-" + date.substr(1, 2) + "-" + date.substr(3) +
              "T00:00:00Z u t 200 1ms\n");
        takes_rightly();
      }
    }
  }
}

TEST_P(TextKernelTest, ZerosInPlaceOfTheDateAreNoDate) {
  write(std::string(11, '\0') + "23:16:50Z user115 login 200 1568ms\n");
  EXPECT_FALSE(takes_rightly());
}

TEST_P(TextKernelTest, DatesThatOtherProgramsWriteForNoneAreNoDates) {
  for (const char* time : {"0000-00-00T00:00:00Z", "9999-99-99T99:99:99Z", "0000-00-01T00:00:00Z",
                           "9999-12-31T23:59:59Z", "1970-00-00T00:00:00Z"}) {
    write(std::string(time) + " u t 200 1ms\n");
    EXPECT_FALSE(takes_rightly()) << time;
  }
}

TEST_P(TextKernelTest, EveryTimeOfDayIsRight) {
  for (int hour = 0; hour < 100; ++hour) {
    for (int minute_or_second = 0; minute_or_second < 100; ++minute_or_second) {
      const std::string digits = std::to_string(10'000 + hour * 100 + minute_or_second);
      const std::string hh = digits.substr(1, 2), xx = digits.substr(3);
      write("2025-05-02T" + hh + ":" + xx + ":" + hh + "Z u t 200 1ms\n");
      EXPECT_EQ(takes_rightly(), hour < 24 && minute_or_second < 60);
      write("2025-05-02T00:" + hh + ":" + xx + "Z u t 200 1ms\n");
      EXPECT_EQ(takes_rightly(), hour < 60 && minute_or_second < 60);
    }
  }
}

TEST_P(TextKernelTest, EveryStatusIsRight) {
  for (int status = 0; status < 1000; ++status) {
    write("2025-05-02T23:16:50Z u t " + std::to_string(1000 + status).substr(1) + " 1ms\n");
    EXPECT_EQ(takes_rightly(), status >= 100 && status < 600);
  }
}

TEST_P(TextKernelTest, NamesOfEveryLengthAreRight) {
  for (std::size_t user = 0; user <= 257; ++user) {
    for (const std::size_t task : {0, 1, 5, 15, 16, 17, 30, 40, 255, 256}) {
      for (const char* end : {"ms\n", "ms\r\n"}) {
        write("2025-05-02T23:16:50Z " + std::string(user, 'u') + " " + std::string(task, 't') +
              " 200 1234" + end);
        fast_bytes_ = 1;
        takes_rightly();
        fast_bytes_ = kBufferBytes - kTextKernelReachBytes;
        EXPECT_EQ(takes_rightly(), user > 0 && user <= 255 && task > 0 && task <= 255);
      }
    }
  }
}

TEST_P(TextKernelTest, AnyByteOfALongRecordIsReadAsTheCarefulPathReadsIt) {
  const std::string shape = "2025-05-02T23:16:50Z 0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9 " +
                            std::string(60, 't') + " 200 1568ms\n";
  fast_bytes_ = kBufferBytes - kTextKernelReachBytes;
  for (std::size_t place = 0; place < shape.size(); ++place) {
    for (int byte = 0; byte < 256; ++byte) {
      write(shape, "\n");
      buffer_[place] = static_cast<char>(byte);
      takes_rightly();
      if (HasFailure()) FAIL() << "byte " << byte << " at " << place;
    }
  }
}

TEST_P(TextKernelTest, DurationsOfEveryLengthAreRight) {
  for (std::size_t digits = 0; digits <= 20; ++digits) {
    for (const char first : {'0', '1', '9'}) {
      write("2025-05-02T23:16:50Z u t 200 " + std::string(digits, first) + "ms\n");
      takes_rightly();
    }
  }
}

TEST_P(TextKernelTest, CursorsInOneLoopDoNotDisturbEachOther) {
  std::mt19937_64 random(2);
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    std::vector<std::size_t> starts;
    for (std::size_t c = 0; c < kTextCursors; ++c) {
      starts.push_back(text.size());
      text += kShapes[random() % kCommonShapes];
    }
    const std::size_t odd = random() % (2 * kTextCursors);  // often none
    if (odd < kTextCursors) text[starts[odd]] = 'x';
    write(text);
    std::vector<TextCursor> cursors;
    for (const std::size_t start : starts) {
      const char* const at = buffer_.data() + start;
      cursors.push_back({at, at + 1, at + 1, buffer_.data()});
    }
    batch_->size = 0;
    ASSERT_EQ(text_kernels(GetParam()).interleaved(cursors.data(), *batch_),
              odd < kTextCursors ? odd : 0);
    ASSERT_EQ(batch_->size, std::min(odd, kTextCursors));
    for (std::size_t n = 0; n < batch_->size; ++n)
      ASSERT_TRUE(is_right(n, buffer_.data() + starts[n], cursors[n].at)) << escaped();
  }
}

TEST_P(TextKernelTest, AFullBatchEndsTheLoop) {
  write(kShapes[0]);
  TextCursor cursor{buffer_.data(), buffer_.data() + 1, buffer_.data() + 1, buffer_.data()};
  batch_->size = kEventBatchCapacity;
  EXPECT_EQ(text_kernels(GetParam()).single(&cursor, *batch_), kTextCursors);
  EXPECT_EQ(cursor.at, buffer_.data());
}

INSTANTIATE_TEST_SUITE_P(Levels, TextKernelTest, testing::ValuesIn(kernel_levels()),
                         [](const auto& level) { return std::string(name_of(level.param)); });

}  // namespace
}  // namespace billing
