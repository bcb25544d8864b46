// Rating against tests/oracle/rounding.csv: thousands of costs made by an independent program.
// Columns: the terms `quantity*rate` joined by `+`, the rounding, the scale, and the cost or
// `overflow`. Each term is a task of the one user that is billed.

#include <gtest/gtest.h>

#include <cstddef>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "billing/error.h"
#include "billing/statement.h"

namespace billing {
namespace {

struct Vector {
  std::string terms;
  std::string rounding;
  int scale;
  std::string expected;
};

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  return parts;
}

std::vector<Vector> read_vectors() {
  std::ifstream file(std::string(BILLING_TEST_DATA_DIR) + "/oracle/rounding.csv");
  std::string line;
  std::getline(file, line);
  EXPECT_EQ(line, "terms,rounding,scale,expected");
  std::vector<Vector> vectors;
  while (std::getline(file, line)) {
    const std::vector<std::string> cells = split(line, ',');
    vectors.push_back({cells.at(0), cells.at(1), std::stoi(cells.at(2)), cells.at(3)});
  }
  return vectors;
}

std::string cost_of(const Vector& vector) {
  TaskNames::Builder tasks;
  std::vector<RateSetting> rates;
  std::vector<Sum> rows;
  for (const std::string& term : split(vector.terms, '+')) {
    const std::size_t times = term.find('*');
    const auto task = static_cast<std::uint32_t>(tasks.size());
    tasks.add("task" + std::to_string(1000 + task));
    rates.push_back({std::string(tasks.last()), term.substr(times + 1), "vector"});
    rows.push_back({"user", 0, task, 1, std::stoull(term.substr(0, times))});
  }
  std::vector<std::string> mistakes;
  const PriceBook prices = PriceBook::build({rates}, mistakes);
  EXPECT_EQ(mistakes, std::vector<std::string>());

  const RatingOptions options = {
      .group_by = {.user = true, .cycle = false, .task = false},
      .rounding = {parse_rounding(vector.rounding).value(), vector.scale},
      .prices = &prices,
      .append_cycle_label = {}};
  std::vector<StatementLine> lines;
  try {
    Rater(options, tasks.finish()).rate(rows, lines);
  } catch (const Error&) {
    return "overflow";
  }
  std::string cost;
  append_amount(cost, lines.at(0).cost, vector.scale);
  return cost;
}

TEST(RoundingVectors, AllCostsAreTheOraclesOwn) {
  const std::vector<Vector> vectors = read_vectors();
  ASSERT_GT(vectors.size(), 1000);
  for (const Vector& vector : vectors) {
    EXPECT_EQ(cost_of(vector), vector.expected)
        << vector.terms << ", " << vector.rounding << ", scale " << vector.scale;
  }
}

}  // namespace
}  // namespace billing
