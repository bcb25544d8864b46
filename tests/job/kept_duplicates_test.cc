// Partials that keep records with their keys, as a host merges them: what the program makes of
// them.

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

#include "billing/merge.h"
#include "job/partials_fixture.h"

namespace billing {
namespace {

class KeptDuplicatesTest : public PartialsTest {
 protected:
  KeptDuplicatesTest() {
    job.unrated = UnratedPolicy::zero;
    job.format.format = "text";
    job.format.dedupe.by = "user,task,status";
  }

  static std::string content(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  /// Of a part of the log, made by a job.
  std::string partial_of(const std::string& name, const std::string& records) {
    std::ofstream(at(name + ".log"), std::ios::binary) << records;
    AggregateJob making = job;
    making.inputs = {at(name + ".log")};
    making.partial = at(name);
    making.reject_limit = RejectLimit{1'000'000, std::nullopt};
    aggregate(making, {});
    return content(at(name));
  }

  Blobs halves() {
    const std::size_t middle = log_.find('\n', log_.size() / 2) + 1;
    return {partial_of("a", log_.substr(0, middle)), partial_of("b", log_.substr(middle))};
  }
};

std::uint64_t calls_of(Sums& sums) {
  std::uint64_t calls = 0;
  const auto reader = sums.read();
  for (SumBlock block; reader->next(block);) {
    reader->load(block);
    for (const Sum& row : block.rows) calls += row.calls;
  }
  return calls;
}

TEST_F(KeptDuplicatesTest, AHostMergesThemAsTheProgramDoes) {
  const Blobs blobs = halves();
  MergeJob merging;
  merging.partials = {at("a"), at("b")};
  merging.partial = at("both");
  const JobReport report = merge(merging, {});
  EXPECT_GT(report.totals.duplicates, report.totals.accepted);
  EXPECT_EQ(merged(blobs), content(at("both")));
  MergedPartials partials(sources_of(blobs));
  EXPECT_EQ(partials.totals().accepted, report.totals.accepted);
  EXPECT_EQ(partials.totals().duplicates, report.totals.duplicates);
  EXPECT_EQ(calls_of(*partials.sums(partials.options().key())), report.totals.accepted);
  EXPECT_GT(partials.usage().tasks.size(), 0u);
  EXPECT_TRUE(partials.warnings().empty());
}

TEST_F(KeptDuplicatesTest, ACopyAddsNothing) {
  const Blobs blobs = halves();
  MergedPartials once(sources_of({blobs[0]}));
  MergedPartials twice(sources_of({blobs[0], blobs[0]}));
  EXPECT_EQ(twice.totals().accepted, once.totals().accepted);
  EXPECT_EQ(twice.totals().duplicates, 2 * once.totals().duplicates + once.totals().accepted);
}

TEST_F(KeptDuplicatesTest, RecordsOfAHostHaveNoKeys) {
  options_.dedupe.by = "user";
  EXPECT_THROW(PartialMaker maker(options_), std::invalid_argument);
  job.usage.dedupe.by = "user";
  EXPECT_THROW(aggregate(job, {}), std::invalid_argument);
  job.inputs.clear();
  job.source = records_in_memory({{"log", log_}}, 100);
  job.format = {};
  EXPECT_THROW(aggregate(job, {}), std::invalid_argument);
}

}  // namespace
}  // namespace billing
