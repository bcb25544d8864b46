// A bill that goes to the host in place of a file: the same lines, or none.

#include "billing/statement_sink.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "billing/merge.h"
#include "job/partials_fixture.h"
#include "render/statement_writer.h"

namespace billing {
namespace {

/// Renders what it takes as the program would.
class RenderedLines : public StatementSink {
 public:
  void begin(const StatementHead& head) override {
    EXPECT_FALSE(writer_);
    cycles_ = head.cycles;
    const StatementFormat format{OutputFormat::csv, head.group_by, head.rounding.scale, false,
                                 head.quantity};
    bill = statement_header(format);
    writer_ = std::make_unique<StatementWriter>(format, head.tasks, cycles_.get());
  }

  void take(std::span<const StatementLine> lines) override {
    EXPECT_FALSE(is_committed);
    EXPECT_FALSE(lines.empty());
    writer_->append(lines, bill);
    if (throws) throw std::runtime_error("the table is full");
  }

  void commit() override {
    EXPECT_TRUE(writer_);
    EXPECT_FALSE(is_committed);
    is_committed = true;
  }

  std::string bill;
  bool is_committed = false;
  bool throws = false;

 private:
  std::shared_ptr<const CyclePolicy> cycles_;
  std::unique_ptr<StatementWriter> writer_;
};

class StatementSinkTest : public PartialsTest {
 protected:
  StatementSinkTest() { job.unrated = UnratedPolicy::zero; }

  std::shared_ptr<RenderedLines> take_bill() {
    auto sink = std::make_shared<RenderedLines>();
    job.sink = sink;
    job.output = "-";
    job.output_format = OutputFormat::text;
    return sink;
  }

  void write_bill() {
    job.sink = nullptr;
    job.output = at("bill");
    job.output_format = OutputFormat::csv;
  }
};

TEST_F(StatementSinkTest, TakesTheLinesOfTheFile) {
  for (const GroupBy& group_by : all_group_bys()) {
    for (const char* const policy : {"calls:5", "day", "month"}) {
      job.usage.group_by = group_by;
      job.usage.cycles = cycles(policy, "Europe/Berlin");
      write_bill();
      const Outcome expected = naive();
      ASSERT_EQ(expected.error, "");
      for (const Variant& variant : {Variant{1}, Variant{3, 4000}, spilled({2, 4000})}) {
        const auto sink = take_bill();
        const Outcome actual = parallel(variant);
        EXPECT_EQ(actual.error, "");
        EXPECT_EQ(sink->bill, expected.statement);
        EXPECT_TRUE(sink->is_committed);
        EXPECT_EQ(actual.rejects, expected.rejects);
        EXPECT_EQ(actual.totals, expected.totals);
        EXPECT_EQ(actual.warnings, expected.warnings);
      }
      const auto sink = take_bill();
      EXPECT_EQ(naive().totals, expected.totals);
      EXPECT_EQ(sink->bill, expected.statement);
    }
  }
}

TEST_F(StatementSinkTest, TakesWhatAMergeBills) {
  job.usage = options_;
  write_bill();
  const std::string expected = parallel().statement;
  job.sink = nullptr;
  std::ofstream(at("a.partial"), std::ios::binary) << part(0, log_.size());
  const auto sink = std::make_shared<RenderedLines>();
  MergeJob merging;
  merging.partials = {at("a.partial")};
  merging.prices = job.prices;
  merging.unrated = UnratedPolicy::zero;
  merging.sink = sink;
  EXPECT_EQ(merge(merging, {}).output_name, "");
  EXPECT_EQ(sink->bill, expected);
  EXPECT_TRUE(sink->is_committed);
}

TEST_F(StatementSinkTest, TakesWhatAMergeOfPartialsInMemoryBills) {
  job.usage = options_;
  write_bill();
  const std::string expected = parallel().statement;
  const std::size_t cut = log_.find('\n', log_.size() / 2) + 1;
  std::ofstream(at("a.partial"), std::ios::binary) << part(0, cut);
  MergeJob merging;
  merging.partials = {at("a.partial")};
  const Blobs blobs = {part(cut, log_.size())};
  merging.sources = sources_of(blobs);
  EXPECT_THROW(merge(MergeJob(), {}), std::invalid_argument);
  merging.prices = job.prices;
  merging.unrated = UnratedPolicy::zero;
  const auto sink = std::make_shared<RenderedLines>();
  merging.sink = sink;
  merge(merging, {});
  EXPECT_EQ(sink->bill, expected);
}

TEST_F(StatementSinkTest, CommitsNothingWhereTheJobFails) {
  read_file(log_ + "no call\n");
  const auto with_rejects = take_bill();
  job.reject_limit = RejectLimit{0, std::nullopt};
  EXPECT_NE(parallel({2, 4000}).error, "");
  EXPECT_EQ(with_rejects->bill, "");
  EXPECT_FALSE(with_rejects->is_committed);

  job.reject_limit = RejectLimit{1, std::nullopt};
  const auto full = take_bill();
  full->throws = true;
  EXPECT_THROW(parallel({2, 4000}), std::runtime_error);
  EXPECT_FALSE(full->is_committed);
}

TEST_F(StatementSinkTest, KeepsCellsOfListedRecordsSafe) {
  std::ofstream(path(), std::ios::binary) << log_ << "=no call\n";
  take_bill();
  job.rejects = at("rejects.csv");
  job.csv_safe = true;
  EXPECT_EQ(aggregate(job, {}).read_totals.rejected_total(), 1U);
  std::ifstream rejects(at("rejects.csv"));
  const std::string rows{std::istreambuf_iterator<char>(rejects), {}};
  EXPECT_NE(rows.find(",'=no call\n"), std::string::npos) << rows;
}

TEST_F(StatementSinkTest, RefusesSettingsOfAFile) {
  take_bill();
  const auto refused = [this](const auto& change) {
    AggregateJob changed = job;
    change(changed);
    EXPECT_THROW(aggregate(changed, {}), std::invalid_argument);
    MergeJob merging;
    static_cast<BillJob&>(merging) = changed;
    EXPECT_THROW(merge(merging, {}), std::invalid_argument);
  };
  refused([this](AggregateJob& file) { file.output = at("bill"); });
  refused([](AggregateJob& csv) { csv.output_format = OutputFormat::csv; });
  refused([](AggregateJob& csv) {
    csv.csv_safe = true;
    csv.rejects.reset();
  });
  refused([this](AggregateJob& partial) { partial.partial = at("partial"); });
}

}  // namespace
}  // namespace billing
