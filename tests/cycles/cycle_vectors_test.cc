// The policies against tests/oracle/cycles.csv: thousands of instants and their labels, made by an
// independent program. Columns: policy, anchor day (or empty), time zone, time, label. The rows of
// one (policy, anchor day, time zone) stand together, in the order of time.

#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <map>
#include <sstream>
#include <vector>

#include "cycle_fixture.h"

namespace billing {
namespace {

struct Row {
  std::string policy;
  std::string anchor_day;
  std::string timezone;
  std::string time;
  std::string label;
};

struct Block {
  std::string name;
  std::unique_ptr<const CyclePolicy> cycles;
  std::vector<Row> rows;
};

Block make_block(const Row& row) {
  std::optional<int> anchor_day;
  if (!row.anchor_day.empty()) anchor_day = std::stoi(row.anchor_day);
  return {row.policy + "," + row.anchor_day + "," + row.timezone,
          policy(row.policy, row.timezone, anchor_day),
          {}};
}

std::vector<Block> read_blocks() {
  std::ifstream file(BILLING_TEST_DATA_DIR "/oracle/cycles.csv");
  std::vector<Block> blocks;
  std::string line;
  std::getline(file, line);
  EXPECT_EQ(line, "policy,anchor_day,timezone,time,label");
  while (std::getline(file, line)) {
    std::istringstream cells(line);
    Row row;
    for (std::string* cell : {&row.policy, &row.anchor_day, &row.timezone, &row.time, &row.label}) {
      std::getline(cells, *cell, ',');
    }
    const std::string name = row.policy + "," + row.anchor_day + "," + row.timezone;
    if (blocks.empty() || blocks.back().name != name) blocks.push_back(make_block(row));
    blocks.back().rows.push_back(row);
  }
  return blocks;
}

/// The oracle also writes instants outside the years that options may name.
std::int64_t instant_ns(const std::string& time) {
  if (time.starts_with("1969-12-31T")) return at("1970-01-01" + time.substr(10)) - at("1970-01-02");
  if (time.starts_with("2262-01-01T")) return at("2261-12-31" + time.substr(10)) + at("1970-01-02");
  return at(time);
}

class CycleVectorsTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { blocks_ = read_blocks(); }
  static void TearDownTestSuite() { blocks_.clear(); }

  template <typename Check>
  static void for_each_row(Check check) {
    for (const Block& block : blocks_) {
      for (const Row& row : block.rows) {
        SCOPED_TRACE(block.name + "," + row.time);
        check(*block.cycles, instant_ns(row.time), row.label);
      }
    }
  }

  static inline std::vector<Block> blocks_;
};

TEST_F(CycleVectorsTest, TheTableIsThere) {
  std::size_t rows = 0;
  for (const Block& block : blocks_) rows += block.rows.size();
  EXPECT_GE(rows, 10'000u);
}

TEST_F(CycleVectorsTest, LabelsAreThoseOfTheOracle) {
  for_each_row([](const CyclePolicy& cycles, std::int64_t time_ns, const std::string& label) {
    EXPECT_EQ(label_of(cycles, cycles.cycle_of(time_ns)), label);
  });
}

TEST_F(CycleVectorsTest, SpansHoldTheirInstantAndStayInTheirCycle) {
  for_each_row([](const CyclePolicy& cycles, std::int64_t time_ns, const std::string&) {
    const CycleSpan span = cycles.span_of(time_ns);
    EXPECT_EQ(span.cycle, cycles.cycle_of(time_ns));
    EXPECT_LE(span.begin_ns, time_ns);
    EXPECT_GT(span.end_ns, time_ns);
    EXPECT_EQ(cycles.cycle_of(span.begin_ns), span.cycle);
    EXPECT_EQ(cycles.cycle_of(span.end_ns - 1), span.cycle);
  });
}

TEST_F(CycleVectorsTest, LabelsDifferExactlyWhereCyclesDo) {
  for (const Block& block : blocks_) {
    std::map<std::string, std::int64_t> cycle_of_label;
    std::map<std::int64_t, std::string> label_of_cycle;
    for (const Row& row : block.rows) {
      SCOPED_TRACE(block.name + "," + row.time);
      const std::int64_t cycle = block.cycles->cycle_of(instant_ns(row.time));
      EXPECT_EQ(cycle_of_label.try_emplace(row.label, cycle).first->second, cycle);
      EXPECT_EQ(label_of_cycle.try_emplace(cycle, row.label).first->second, row.label);
    }
  }
}

// A local date may come back after the next one has begun; its label is the order all the same.
TEST_F(CycleVectorsTest, CalendarCyclesStandInTheOrderOfTheirDates) {
  for (const Block& block : blocks_) {
    if (block.rows[0].policy == "hour" || block.rows[0].policy.starts_with("every:")) continue;
    std::map<std::int64_t, std::string> labels;
    for (const Row& row : block.rows)
      labels[block.cycles->cycle_of(instant_ns(row.time))] = row.label;
    std::string last;
    for (const auto& [cycle, label] : labels) {
      EXPECT_LT(last, label) << block.name;
      last = label;
    }
  }
}

TEST_F(CycleVectorsTest, HoursAndFixedCyclesStandInTheOrderOfTime) {
  for (const Block& block : blocks_) {
    if (block.rows[0].policy != "hour" && !block.rows[0].policy.starts_with("every:")) continue;
    std::int64_t last = block.cycles->cycle_of(instant_ns(block.rows[0].time));
    for (const Row& row : block.rows) {
      const std::int64_t cycle = block.cycles->cycle_of(instant_ns(row.time));
      EXPECT_LE(last, cycle) << block.name << "," << row.time;
      last = cycle;
    }
  }
}

}  // namespace
}  // namespace billing
