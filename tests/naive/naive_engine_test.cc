#include "naive/naive_engine.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <ios>
#include <memory>
#include <sstream>
#include <streambuf>
#include <string>
#include <vector>

#include "billing/error.h"
#include "billing/money.h"

namespace billing::naive {
namespace {

constexpr std::int64_t kDay_ns = 86'400'000'000'000;

/// Runs of N calls, or for N = 0 days counted from 1970-01-01.
class FakeCycles final : public CyclePolicy {
 public:
  explicit FakeCycles(std::uint64_t calls) : calls_(calls) {}

  std::int64_t cycle_of(std::int64_t time_ns) const override {
    EXPECT_EQ(calls_, 0u) << "runs of calls have no cycle by time";
    return time_ns / kDay_ns;
  }
  CycleSpan span_of(std::int64_t time_ns) const override {
    const std::int64_t day = cycle_of(time_ns);
    return {day * kDay_ns, (day + 1) * kDay_ns, day};
  }
  void append_label(std::int64_t cycle, std::string& out) const override {
    out += std::to_string(cycle);
  }
  std::uint64_t calls_per_cycle() const override { return calls_; }

 private:
  std::uint64_t calls_;
};

constexpr UsageKey kAll{true, true};
constexpr UsageKey kUser{true, false};
constexpr UsageKey kCycleTask{false, true};

/// `HH:MM user task status quantity` on 1970-01-02 as a line of the log.
std::string on_day_1(const std::string& clock, const std::string& rest) {
  return "1970-01-02T" + clock + ":00Z " + rest + "ms\n";
}

std::string amount_of(Int128 quantity) {
  std::string text;
  append_amount(text, quantity, 0);
  return text;
}

class NaiveEngine : public testing::Test {
 protected:
  void group(const UsageKey& key) { options_.key = key; }
  void cycle_by_day() { options_.cycles = &days_; }
  void cycle_by_calls(std::uint64_t calls) {
    runs_ = std::make_unique<FakeCycles>(calls);
    options_.cycles = runs_.get();
  }

  /// Meters the inputs; leaves their totals and rejects behind.
  std::unique_ptr<Sums> meter(const std::vector<std::string>& logs) {
    Engine engine(options_);
    for (const std::string& log : logs) {
      std::istringstream input(log);
      totals_ += engine.add(input, [this](const RejectedRecord& reject) { note(reject); });
    }
    return engine.finish();
  }

  /// The sums as `user cycle task calls quantity` a line.
  std::string bill_inputs(const std::vector<std::string>& logs) {
    const std::unique_ptr<Sums> sums = meter(logs);
    std::ostringstream out;
    const auto reader = sums->read();
    for (SumBlock block; reader->next(block);) {
      reader->load(block);
      for (const Sum& row : block.rows) {
        out << (row.user.empty() ? "-" : row.user) << ' ' << row.cycle << ' '
            << sums->tasks()[row.task] << ' ' << row.calls << ' ' << amount_of(row.quantity)
            << '\n';
      }
    }
    return out.str();
  }
  std::string bill(const std::string& log) { return bill_inputs({log}); }

  void note(const RejectedRecord& reject) {
    std::ostringstream out;
    out << "line " << reject.line << " byte " << reject.offset_bytes << " column " << reject.column
        << " reason " << reject_reason_name(reject.reason) << " [" << reject.record << "]";
    rejects_.push_back(out.str());
  }

  void expect_balance() const {
    EXPECT_EQ(totals_.records,
              totals_.accepted + totals_.rejected_total() + totals_.filtered + totals_.blank);
  }

  FakeCycles days_{0};
  std::unique_ptr<FakeCycles> runs_;
  Options options_;
  InputTotals totals_;
  std::vector<std::string> rejects_;
};

TEST_F(NaiveEngine, CutsTheCallsOfEachUserIntoRunsOfFive) {
  group(kAll);
  cycle_by_calls(5);
  std::string log;
  for (int minute = 10; minute < 22; ++minute) {
    log += on_day_1("00:" + std::to_string(minute), "ann load 200 1");
    if (minute % 2 == 0) log += on_day_1("00:" + std::to_string(minute), "bob load 200 10");
  }
  EXPECT_EQ(bill(log),
            "ann 1 load 5 5\n"
            "ann 2 load 5 5\n"
            "ann 3 load 2 2\n"
            "bob 1 load 5 50\n"
            "bob 2 load 1 10\n");
}

TEST_F(NaiveEngine, NumbersCallsByTimeAndNotByTheirPlaceInTheInput) {
  group(kAll);
  cycle_by_calls(2);
  EXPECT_EQ(bill(on_day_1("00:03", "ann c 200 3") + on_day_1("00:01", "ann a 200 1") +
                 on_day_1("00:02", "ann b 200 2")),
            "ann 1 a 1 1\n"
            "ann 1 b 1 2\n"
            "ann 2 c 1 3\n");
}

TEST_F(NaiveEngine, OrdersCallsByInstantAlsoAcrossOffsets) {
  group(kAll);
  cycle_by_calls(1);
  EXPECT_EQ(bill("2025-05-02T12:00:00+02:00 ann early 200 1ms\n"
                 "2025-05-02T11:00:00Z ann late 200 1ms\n"
                 "2025-05-02T10:00:00.000000001Z ann middle 200 1ms\n"),
            "ann 1 early 1 1\n"
            "ann 2 middle 1 1\n"
            "ann 3 late 1 1\n");
}

TEST_F(NaiveEngine, BreaksTiesByTaskThenStatusThenQuantity) {
  group(kAll);
  cycle_by_calls(1);
  const std::vector<std::string> calls{
      on_day_1("00:00", "ann Z 500 9"), on_day_1("00:00", "ann a 200 3"),
      on_day_1("00:00", "ann a 200 4"), on_day_1("00:00", "ann a 404 1"),
      on_day_1("00:00", "ann \xC3\xA9 100 0")};
  const std::string expected =
      "ann 1 Z 1 9\n"
      "ann 2 a 1 3\n"
      "ann 3 a 1 4\n"
      "ann 4 a 1 1\n"
      "ann 5 \xC3\xA9 1 0\n";
  EXPECT_EQ(bill_inputs(calls), expected);
  EXPECT_EQ(bill_inputs({calls[4], calls[2], calls[0], calls[3], calls[1]}), expected);
}

TEST_F(NaiveEngine, GivesTheSameSumsForAnyOrderOfLinesAndFiles) {
  group(kAll);
  cycle_by_calls(3);
  std::vector<std::string> calls;
  for (int i = 0; i < 40; ++i) {
    const std::string call = "u" + std::to_string(i % 3) + " t" + std::to_string(i % 4);
    calls.push_back(on_day_1("00:1" + std::to_string(i % 7), call + " 200 " + std::to_string(i)));
  }
  const std::string expected = bill_inputs(calls);
  std::reverse(calls.begin(), calls.end());
  EXPECT_EQ(bill_inputs(calls), expected);
  std::string one_file;
  for (const std::string& call : calls) one_file += call;
  EXPECT_EQ(bill(one_file), expected);
}

TEST_F(NaiveEngine, AddsEverybodysThirdCycleWithoutUserInTheGroup) {
  group(kCycleTask);
  cycle_by_calls(1);
  EXPECT_EQ(bill(on_day_1("00:01", "ann a 200 1") + on_day_1("00:02", "ann b 200 2") +
                 on_day_1("00:03", "bob a 200 10") + on_day_1("00:04", "bob a 200 20")),
            "- 1 a 2 11\n"
            "- 2 a 1 20\n"
            "- 2 b 1 2\n");
}

TEST_F(NaiveEngine, NumbersNothingWithoutCycleInTheGroup) {
  cycle_by_calls(1);
  const std::string log = on_day_1("00:01", "ann a 200 1") + on_day_1("00:02", "ann b 200 2") +
                          on_day_1("00:03", "bob a 200 4") + on_day_1("00:04", "ann a 200 8");
  group(kUser);
  EXPECT_EQ(bill(log), "ann 0 a 2 9\nann 0 b 1 2\nbob 0 a 1 4\n");
  group({true, false});
  EXPECT_EQ(bill(log), "ann 0 a 2 9\nann 0 b 1 2\nbob 0 a 1 4\n");
  group({false, false});
  EXPECT_EQ(bill(log), "- 0 a 3 13\n- 0 b 1 2\n");
}

TEST_F(NaiveEngine, KeepsThePartsOfTheTimeLineApart) {
  constexpr std::int64_t kMinute_ns = 60'000'000'000;
  options_.key = {true, false, {kDay_ns + 2 * kMinute_ns, kDay_ns + 3 * kMinute_ns}};
  const auto sums = meter({on_day_1("00:01", "ann a 200 1") + on_day_1("00:02", "ann a 200 2") +
                           on_day_1("00:00", "ann a 200 4") + on_day_1("00:03", "ann a 200 8")});
  const auto reader = sums->read();
  SumBlock block;
  ASSERT_TRUE(reader->next(block));
  reader->load(block);
  ASSERT_EQ(block.rows.size(), 3u);
  for (std::uint32_t part = 0; part < 3; ++part) {
    EXPECT_EQ(block.rows[part].part, part);
    EXPECT_EQ(amount_of(block.rows[part].quantity), std::vector({"5", "2", "8"}).at(part));
  }
}

TEST_F(NaiveEngine, FindsCyclesByTime) {
  group({true, true});
  cycle_by_day();
  EXPECT_EQ(bill("1970-01-12T00:00:00Z ann a 200 1ms\n"
                 "1970-01-03T00:00:00Z ann b 200 2ms\n"
                 "1970-01-02T23:59:59Z ann b 200 4ms\n"
                 "1970-01-03T12:00:00Z ann b 200 8ms\n"),
            "ann 1 b 1 4\n"
            "ann 2 b 2 10\n"
            "ann 11 a 1 1\n");
}

TEST_F(NaiveEngine, OrdersUsersAndTasksByUnsignedBytes) {
  group(kUser);
  EXPECT_EQ(bill(on_day_1("00:00", "\xC3\xA9 b 200 1") + on_day_1("00:00", "z b 200 2") +
                 on_day_1("00:00", "Z \xC3\xA9 200 3") + on_day_1("00:00", "Z b 200 4") +
                 on_day_1("00:00", "Z B 200 5") + on_day_1("00:00", "user10 b 200 6") +
                 on_day_1("00:00", "user9 b 200 7")),
            "Z 0 B 1 5\n"
            "Z 0 b 1 4\n"
            "Z 0 \xC3\xA9 1 3\n"
            "user10 0 b 1 6\n"
            "user9 0 b 1 7\n"
            "z 0 b 1 2\n"
            "\xC3\xA9 0 b 1 1\n");
}

TEST_F(NaiveEngine, KeepsTheSumsReadableAfterTheEngineIsGone) {
  group(kUser);
  const auto sums = meter({on_day_1("00:00", "ann load 200 1")});
  const auto reader = sums->read();
  SumBlock block;
  ASSERT_TRUE(reader->next(block));
  reader->load(block);
  ASSERT_EQ(block.rows.size(), 1u);
  EXPECT_EQ(block.rows[0].user, "ann");
  EXPECT_FALSE(reader->next(block));
  EXPECT_TRUE(sums->tasks() == TaskNames{"load"});
}

TEST_F(NaiveEngine, AddsUpQuantitiesBeyond64Bits) {
  group(kUser);
  std::string log;
  for (int i = 0; i < 20'000; ++i) log += on_day_1("00:00", "ann a 200 999999999999999");
  EXPECT_EQ(bill(log), "ann 0 a 20000 19999999999999980000\n");
  EXPECT_TRUE(totals_.accepted_quantity == Int128{20'000} * 999'999'999'999'999);
}

TEST_F(NaiveEngine, FindsNothingInAnEmptyInput) {
  group(kUser);
  EXPECT_EQ(bill(""), "");
  EXPECT_EQ(totals_.records, 0u);
  EXPECT_EQ(totals_.bytes, 0u);
}

TEST_F(NaiveEngine, CountsALastLineWithoutNewline) {
  group(kUser);
  const std::string line = on_day_1("00:00", "ann a 200 1");
  EXPECT_EQ(bill(line + line.substr(0, line.size() - 1)), "ann 0 a 2 2\n");
  EXPECT_EQ(totals_.records, 2u);
  EXPECT_EQ(totals_.bytes, 2 * line.size() - 1);
}

TEST_F(NaiveEngine, TakesCrlfWithAndWithoutTheLastNewline) {
  group(kUser);
  EXPECT_EQ(bill("1970-01-02T00:00:00Z ann a 200 1ms\r\n\r\n1970-01-02T00:00:00Z ann a 200 1ms\r"),
            "ann 0 a 2 2\n");
  EXPECT_EQ(totals_.records, 3u);
  EXPECT_EQ(totals_.blank, 1u);
  EXPECT_EQ(totals_.bytes, 36u + 2u + 35u);
}

TEST_F(NaiveEngine, CountsBlanksOfEveryKind) {
  group(kUser);
  EXPECT_EQ(bill("\n \n\t\r\n\r\n\r"), "");
  EXPECT_EQ(totals_.records, 5u);
  EXPECT_EQ(totals_.blank, 5u);
  EXPECT_EQ(totals_.bytes, 9u);
}

TEST_F(NaiveEngine, TellsTheColumnLineAndOffsetOfEveryReason) {
  group(kUser);
  options_.is_allowed = [](std::string_view task) { return task != "free"; };
  EXPECT_EQ(bill("\n"
                 "hello  \r\n"
                 " x u t 200 1ms\n"
                 "1970-01-02T00:00:00Z \x7F t 200 1ms\n"
                 "1970-01-02T00:00:00Z u \xFF 200 1ms\n"
                 "1970-01-02T00:00:00Z u t 99 1ms\n"
                 "1970-01-02T00:00:00Z u t 200 1s \n"
                 "\t1970-01-02T00:00:00Z u free 200 1ms"),
            "");
  const std::vector<std::string> expected{
      "line 2 byte 1 column 6 reason field_count [hello  ]",
      "line 3 byte 10 column 2 reason bad_time [ x u t 200 1ms]",
      "line 4 byte 25 column 22 reason bad_user [1970-01-02T00:00:00Z \x7F t 200 1ms]",
      "line 5 byte 58 column 24 reason bad_task [1970-01-02T00:00:00Z u \xFF 200 1ms]",
      "line 6 byte 91 column 26 reason bad_status [1970-01-02T00:00:00Z u t 99 1ms]",
      "line 7 byte 123 column 30 reason bad_duration [1970-01-02T00:00:00Z u t 200 1s ]",
      "line 8 byte 156 column 25 reason unrated_task [\t1970-01-02T00:00:00Z u free 200 1ms]"};
  EXPECT_EQ(rejects_, expected);
  EXPECT_EQ(totals_.rejected, (RejectCounts{0, 1, 0, 1, 1, 1, 1, 1, 0, 1}));
  EXPECT_EQ(totals_.bytes, 192u);
  expect_balance();
}

TEST_F(NaiveEngine, CountsLinesAndOffsetsOfEachInputFromItsBeginning) {
  group(kUser);
  bill_inputs({std::string("\nx\n"), std::string("y")});
  EXPECT_EQ(rejects_, (std::vector<std::string>{"line 2 byte 1 column 2 reason field_count [x]",
                                                "line 1 byte 0 column 2 reason field_count [y]"}));
}

TEST_F(NaiveEngine, NeedsNoOneToHearOfRejects) {
  Engine engine({kUser, nullptr, {}, {}});
  std::istringstream input("x\n");
  EXPECT_EQ(engine.add(input, {}).rejected_total(), 1u);
}

TEST_F(NaiveEngine, FiltersBeforeItAsksForARate) {
  group(kUser);
  options_.filter.since_ns = kDay_ns;
  options_.filter.until_ns = 2 * kDay_ns;
  options_.filter.statuses.reset(404);
  options_.is_allowed = [](std::string_view task) { return task == "load"; };
  EXPECT_EQ(bill("1970-01-01T23:59:59.999999999Z ann free 200 1ms\n"
                 "1970-01-02T00:00:00Z ann load 200 2ms\n"
                 "1970-01-02T00:00:00Z ann load 404 4ms\n"
                 "1970-01-02T23:59:59.999999999Z ann load 200 8ms\n"
                 "1970-01-02T12:00:00Z ann free 200 16ms\n"
                 "1970-01-03T00:00:00Z ann load 200 32ms\n"
                 "1970-01-05T00:00:00Z ann load 200 oops\n"),
            "ann 0 load 2 10\n");
  EXPECT_EQ(totals_.accepted, 2u);
  EXPECT_EQ(totals_.filtered, 3u);
  EXPECT_EQ(totals_.rejected, (RejectCounts{0, 0, 0, 0, 0, 0, 0, 1, 0, 1}));
  EXPECT_TRUE(totals_.accepted_quantity == 10);
  EXPECT_EQ(totals_.earliest_ns, kDay_ns);
  EXPECT_EQ(totals_.latest_ns, 2 * kDay_ns - 1);
  expect_balance();
}

TEST_F(NaiveEngine, NumbersOnlyTheCallsThatAreLeft) {
  group(kAll);
  cycle_by_calls(2);
  options_.filter.statuses.reset(500);
  options_.is_allowed = [](std::string_view task) { return task != "free"; };
  EXPECT_EQ(bill(on_day_1("00:01", "ann a 200 1") + on_day_1("00:02", "ann a 500 2") +
                 on_day_1("00:03", "ann free 200 4") + on_day_1("00:04", "ann a 200 8") +
                 on_day_1("00:05", "ann a 200 16")),
            "ann 1 a 2 9\n"
            "ann 2 a 1 16\n");
}

TEST_F(NaiveEngine, ListsOnlyTasksOfAcceptedEvents) {
  group(kUser);
  options_.filter.statuses.reset(500);
  options_.is_allowed = [](std::string_view task) { return task != "free"; };
  const auto sums = meter({on_day_1("00:00", "ann b 200 1") + on_day_1("00:00", "ann c 500 1") +
                           on_day_1("00:00", "ann free 200 1") + on_day_1("00:00", "ann a 200 1")});
  EXPECT_TRUE((sums->tasks() == TaskNames{"a", "b"}));
}

/// Hands out a few bytes, then breaks as a failing disk does.
class BrokenDisk final : public std::streambuf {
 protected:
  int_type underflow() override {
    if (gptr() != nullptr) throw std::ios_base::failure("input/output error");
    setg(bytes_, bytes_, bytes_ + sizeof(bytes_));
    return traits_type::to_int_type(bytes_[0]);
  }

 private:
  char bytes_[3] = {'a', '\n', 'b'};
};

TEST_F(NaiveEngine, StopsWhereTheInputBreaks) {
  Engine engine({kUser, nullptr, {}, {}});
  BrokenDisk disk;
  std::istream input(&disk);
  EXPECT_THROW(engine.add(input, {}), Error);
}

TEST(InputTotals, AddUpInAnyOrder) {
  InputTotals some;
  some.records = some.accepted = 2;
  some.earliest_ns = 5;
  some.latest_ns = 7;
  InputTotals none;
  none.records = none.blank = 1;
  InputTotals forwards = some;
  forwards += none;
  InputTotals backwards = none;
  backwards += some;
  for (const InputTotals& sum : {forwards, backwards}) {
    EXPECT_EQ(sum.records, 3u);
    EXPECT_EQ(sum.earliest_ns, 5);
    EXPECT_EQ(sum.latest_ns, 7);
  }
}

}  // namespace
}  // namespace billing::naive
