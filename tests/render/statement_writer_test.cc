#include "render/statement_writer.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace billing {
namespace {

/// Labels are `<prefix><cycle>`; with calls, cycles are numbers.
class FakeCycles : public CyclePolicy {
 public:
  FakeCycles(std::string prefix, std::uint64_t calls) : prefix_(std::move(prefix)), calls_(calls) {}

  std::int64_t cycle_of(std::int64_t time_ns) const override { return time_ns; }
  CycleSpan span_of(std::int64_t time_ns) const override { return {time_ns, time_ns + 1, time_ns}; }
  void append_label(std::int64_t cycle, std::string& out) const override {
    out += prefix_ + std::to_string(cycle);
  }
  std::uint64_t calls_per_cycle() const override { return calls_; }

 private:
  std::string prefix_;
  std::uint64_t calls_;
};

const FakeCycles kCalls("", 5);
const FakeCycles kYears("Y", 0);

using Lines = std::vector<StatementLine>;

class StatementWriterTest : public testing::Test {
 protected:
  std::string written(const Lines& lines, const CyclePolicy& cycles = kCalls) {
    StatementWriter writer(format_, tasks_, &cycles);
    std::string out;
    writer.append(lines, out);
    return out;
  }

  void use(OutputFormat format, GroupBy group_by = {}) { format_ = {format, group_by, 2, false}; }

  StatementFormat format_;
  TaskNames tasks_ = {"getUserProfile", "login"};
};

constexpr GroupBy kUser = {true, false, false};
constexpr GroupBy kCycle = {false, true, false};
constexpr GroupBy kTask = {false, false, true};
constexpr GroupBy kUserTask = {true, false, true};
constexpr GroupBy kCycleTask = {false, true, true};

TEST_F(StatementWriterTest, TextOfEveryGrouping) {
  use(OutputFormat::text);
  EXPECT_EQ(written({{"user1", 3, 1, 1, 123, 62}}),
            "user1 cycle=3 task=login: total_duration=123ms, total_cost=0.62\n");
  use(OutputFormat::text, kUser);
  EXPECT_EQ(written({{"user1", 0, 0, 9, 7235, 4250}}),
            "user1: total_duration=7235ms, total_cost=42.50\n");
  use(OutputFormat::text, kCycle);
  EXPECT_EQ(written({{"", 3, 0, 1, 1, 1}}), "cycle=3: total_duration=1ms, total_cost=0.01\n");
  use(OutputFormat::text, kTask);
  EXPECT_EQ(written({{"", 0, 1, 1, 1, 1}}), "task=login: total_duration=1ms, total_cost=0.01\n");
  use(OutputFormat::text, kUserTask);
  EXPECT_EQ(written({{"u", 0, 1, 1, 1, 1}}), "u task=login: total_duration=1ms, total_cost=0.01\n");
}

TEST_F(StatementWriterTest, CsvOfEveryGrouping) {
  use(OutputFormat::csv);
  EXPECT_EQ(written({{"user1", 3, 1, 1, 123, 62}}), "user1,3,login,1,123,0.62\n");
  use(OutputFormat::csv, kUser);
  EXPECT_EQ(written({{"user1", 0, 0, 9, 7235, 4250}}), "user1,9,7235,42.50\n");
  use(OutputFormat::csv, kCycle);
  EXPECT_EQ(written({{"", 3, 0, 1, 1, 1}}), "3,1,1,0.01\n");
  use(OutputFormat::csv, kTask);
  EXPECT_EQ(written({{"", 0, 1, 1, 1, 1}}), "login,1,1,0.01\n");
  use(OutputFormat::csv, kCycleTask);
  EXPECT_EQ(written({{"", 3, 1, 1, 1, 1}}), "3,login,1,1,0.01\n");
}

TEST_F(StatementWriterTest, JsonlOfEveryGrouping) {
  use(OutputFormat::jsonl);
  EXPECT_EQ(
      written({{"user1", 3, 1, 1, 123, 62}}),
      R"({"user":"user1","cycle":"3","task":"login","calls":1,"duration_ms":123,"cost":"0.62"})"
      "\n");
  use(OutputFormat::jsonl, kUser);
  EXPECT_EQ(written({{"user1", 0, 0, 9, 7235, 4250}}),
            "{\"user\":\"user1\",\"calls\":9,\"duration_ms\":7235,\"cost\":\"42.50\"}\n");
  use(OutputFormat::jsonl, kCycle);
  EXPECT_EQ(written({{"", 3, 0, 1, 1, 1}}),
            "{\"cycle\":\"3\",\"calls\":1,\"duration_ms\":1,\"cost\":\"0.01\"}\n");
  use(OutputFormat::jsonl, kTask);
  EXPECT_EQ(written({{"", 0, 1, 1, 1, 1}}),
            "{\"task\":\"login\",\"calls\":1,\"duration_ms\":1,\"cost\":\"0.01\"}\n");
}

TEST_F(StatementWriterTest, HeadersNameWhatIsKept) {
  EXPECT_EQ(statement_header({OutputFormat::csv, {}, 2, false}),
            "user,cycle,task,calls,duration_ms,cost\n");
  EXPECT_EQ(statement_header({OutputFormat::csv, kUser, 2, true}), "user,calls,duration_ms,cost\n");
  EXPECT_EQ(statement_header({OutputFormat::csv, kCycleTask, 2, false}),
            "cycle,task,calls,duration_ms,cost\n");
  EXPECT_EQ(statement_header({OutputFormat::text, {}, 2, false}), "");
  EXPECT_EQ(statement_header({OutputFormat::jsonl, {}, 2, false}), "");
}

TEST_F(StatementWriterTest, LabelsOfCyclesThatAreNoNumbers) {
  const Lines lines = {{"u", 2025, 1, 1, 1, 1}, {"u", 2026, 1, 1, 1, 1}, {"v", 2025, 0, 1, 1, 1}};
  use(OutputFormat::csv);
  EXPECT_EQ(written(lines, kYears),
            "u,Y2025,login,1,1,0.01\nu,Y2026,login,1,1,0.01\nv,Y2025,getUserProfile,1,1,0.01\n");
  use(OutputFormat::jsonl, kCycle);
  EXPECT_EQ(written({{"", -7, 0, 1, 1, 1}}, kYears),
            "{\"cycle\":\"Y-7\",\"calls\":1,\"duration_ms\":1,\"cost\":\"0.01\"}\n");
}

TEST_F(StatementWriterTest, MoreCyclesThanPiecesAreKept) {
  Lines lines;
  std::string expected;
  for (int round = 0; round < 2; ++round) {
    for (std::int64_t cycle = -3000; cycle < 3000; ++cycle) {
      lines.push_back({"", cycle, 0, 1, 1, 1});
      expected += "Y" + std::to_string(cycle) + ",1,1,0.01\n";
    }
  }
  use(OutputFormat::csv, kCycle);
  EXPECT_EQ(written(lines, kYears), expected);
}

TEST_F(StatementWriterTest, MoreTasksThanPiecesAreKept) {
  Lines lines;
  std::string expected;
  TaskNames::Builder tasks;
  for (int i = 10'000; i < 13'000; ++i) tasks.add("task" + std::to_string(i));
  tasks_ = tasks.finish();
  for (const std::uint32_t task : {0U, 1024U, 2048U, 0U, 2999U, 951U}) {
    lines.push_back({"", 0, task, 1, 1, 1});
    expected += "task" + std::to_string(10'000 + task) + ",1,1,0.01\n";
  }
  use(OutputFormat::csv, kTask);
  EXPECT_EQ(written(lines), expected);
}

TEST_F(StatementWriterTest, ScalesFromZeroToTwelve) {
  use(OutputFormat::csv, kUser);
  format_.scale = 0;
  EXPECT_EQ(written({{"u", 0, 0, 1, 1, 62}}), "u,1,1,62\n");
  format_.scale = 12;
  EXPECT_EQ(written({{"u", 0, 0, 1, 1, 62}}), "u,1,1,0.000000000062\n");
}

TEST_F(StatementWriterTest, TheLargestFigures) {
  use(OutputFormat::csv, kUser);
  format_.scale = 12;
  const std::uint64_t calls = ~std::uint64_t{0};
  const std::int64_t quantity = std::numeric_limits<std::int64_t>::max();
  const auto cost = static_cast<Int128>(~Uint128{0} >> 1);
  EXPECT_EQ(
      written({{"u", 0, 0, calls, quantity, cost}, {"u", 0, 0, calls, -quantity, -cost}}),
      "u,18446744073709551615,9223372036854775807,170141183460469231731687303.715884105727\n"
      "u,18446744073709551615,-9223372036854775807,-170141183460469231731687303.715884105727\n");
}

TEST_F(StatementWriterTest, NamesAreQuotedAsTheFormatNeedsIt) {
  tasks_ = {"=a,\"b\""};
  const Lines lines = {{"-x\\", 1, 0, 1, 1, 1}};
  use(OutputFormat::text);
  EXPECT_EQ(written(lines), "-x\\ cycle=1 task==a,\"b\": total_duration=1ms, total_cost=0.01\n");
  use(OutputFormat::csv);
  EXPECT_EQ(written(lines), "-x\\,1,\"=a,\"\"b\"\"\",1,1,0.01\n");
  format_.csv_safe = true;
  EXPECT_EQ(written(lines), "'-x\\,1,\"'=a,\"\"b\"\"\",1,1,0.01\n");
  use(OutputFormat::jsonl, kUserTask);
  EXPECT_EQ(written(lines),
            R"({"user":"-x\\","task":"=a,\"b\"","calls":1,"duration_ms":1,"cost":"0.01"})"
            "\n");
}

TEST_F(StatementWriterTest, NamesOfEveryLength) {
  use(OutputFormat::csv);
  for (std::size_t size = 1; size <= 255; ++size) {
    const std::string user(size, 'u');
    tasks_ = TaskNames({std::string(256 - size, '"')});
    const std::string task = "\"" + std::string(2 * (256 - size), '"') + "\"";
    EXPECT_EQ(written({{user, 1, 0, 1, 1, 1}, {user, 2, 0, 1, 1, 1}}),
              user + ",1," + task + ",1,1,0.01\n" + user + ",2," + task + ",1,1,0.01\n");
  }
}

TEST_F(StatementWriterTest, ALabelLongerThanTheBuffer) {
  const FakeCycles cycles(std::string(100'000, 'Y'), 0);
  use(OutputFormat::csv);
  EXPECT_EQ(written({{"u", 1, 0, 1, 1, 1}, {"u", 2, 1, 1, 1, 1}}, cycles),
            "u," + std::string(100'000, 'Y') + "1,getUserProfile,1,1,0.01\nu," +
                std::string(100'000, 'Y') + "2,login,1,1,0.01\n");
}

TEST_F(StatementWriterTest, ManyLinesInSeveralCallsKeepTheirOrder) {
  use(OutputFormat::csv, kUser);
  StatementWriter writer(format_, tasks_, nullptr);
  std::string out = statement_header(format_);
  std::string expected = out;
  for (int call = 0; call < 3; ++call) {
    std::vector<std::string> users;
    for (int i = 0; i < 5000; ++i) users.push_back("user" + std::to_string(i + call));
    Lines lines;
    for (const std::string& user : users) {
      lines.push_back({user, 0, 0, 1, static_cast<std::int64_t>(user.size()), 100});
      expected += user + ",1," + std::to_string(user.size()) + ",1.00\n";
    }
    writer.append(lines, out);
  }
  EXPECT_EQ(out, expected);
}

TEST_F(StatementWriterTest, AUserAtTheSamePlaceInALaterCall) {
  use(OutputFormat::csv, kUser);
  StatementWriter writer(format_, tasks_, nullptr);
  std::string out;
  std::string user = "aaa";
  writer.append(Lines{{user, 0, 0, 1, 1, 1}}, out);
  user = "bbb";
  writer.append(Lines{{user, 0, 0, 1, 1, 1}}, out);
  EXPECT_EQ(out, "aaa,1,1,0.01\nbbb,1,1,0.01\n");
}

TEST_F(StatementWriterTest, NoLinesGiveNothing) {
  use(OutputFormat::jsonl);
  tasks_ = {};
  EXPECT_EQ(written({}), "");
}

}  // namespace
}  // namespace billing
