#include "job/user_ranges.h"

#include <algorithm>
#include <span>
#include <stdexcept>
#include <utility>

namespace billing {
namespace {

std::vector<std::string> checked(std::vector<std::string> begins) {
  const auto has_no_order = [](const std::string& a, const std::string& b) { return a >= b; };
  if ((!begins.empty() && begins.front().empty()) ||
      std::adjacent_find(begins.begin(), begins.end(), has_no_order) != begins.end()) {
    throw std::invalid_argument("ranges of users begin at names in ascending order, each once");
  }
  return begins;
}

std::size_t range_of(std::string_view user, const std::vector<std::string>& begins) {
  return static_cast<std::size_t>(std::upper_bound(begins.begin(), begins.end(), user) -
                                  begins.begin());
}

/// Adds up rows by range.
class RangeTotals final : public UsageSink {
 public:
  RangeTotals(const std::vector<std::string>& begins, RowKind kind, std::vector<RowTotals>& totals)
      : begins_(begins), kind_(kind), totals_(totals) {}

  void begin_user(std::string_view user, std::uint64_t /*first_row*/) override {
    range_ = range_of(user, begins_);
  }
  void add(std::span<const UsageRow> rows) override {
    for (const UsageRow& row : rows) totals_[range_].add(row, kind_);
  }

 private:
  const std::vector<std::string>& begins_;
  RowKind kind_;
  std::vector<RowTotals>& totals_;
  std::size_t range_ = 0;
};

/// Lets the rows of one range through.
class RangeFilter final : public UsageSink {
 public:
  RangeFilter(std::size_t range, const std::vector<std::string>& begins)
      : range_(range), begins_(begins) {}

  /// Where they go from here on.
  void set_sink(UsageSink& sink) { sink_ = &sink; }

  void begin_user(std::string_view user, std::uint64_t first_row) override {
    passes_ = range_of(user, begins_) == range_;
    if (passes_) sink_->begin_user(user, first_row);
  }
  void add(std::span<const UsageRow> rows) override {
    if (passes_) sink_->add(rows);
  }

 private:
  std::size_t range_;
  const std::vector<std::string>& begins_;
  UsageSink* sink_ = nullptr;
  bool passes_ = false;
};

class RangeInMemory final : public OrderedUsage {
 public:
  RangeInMemory(const OrderedUsage& usage, std::size_t range,
                const std::vector<std::string>& begins, const std::vector<std::size_t>& blocks)
      : usage_(usage), range_(range), begins_(begins), blocks_(blocks) {}

  const TaskNames& tasks() const override { return usage_.tasks(); }
  std::size_t block_count() const override { return blocks_.size(); }
  void read_block(std::size_t block, UsageSink& sink) const override {
    RangeFilter filter(range_, begins_);
    filter.set_sink(sink);
    usage_.read_block(blocks_[block], filter);
  }

 private:
  const OrderedUsage& usage_;
  std::size_t range_;
  const std::vector<std::string>& begins_;
  const std::vector<std::size_t>& blocks_;
};

/// A user may go on from one call of next() to another, and so does the filter.
class RangeStream final : public UsageStream {
 public:
  RangeStream(std::unique_ptr<UsageStream> usage, std::size_t range,
              const std::vector<std::string>& begins)
      : usage_(std::move(usage)), filter_(range, begins) {}

  bool next(UsageSink& sink) override {
    filter_.set_sink(sink);
    return usage_->next(filter_);
  }

 private:
  std::unique_ptr<UsageStream> usage_;
  RangeFilter filter_;
};

}  // namespace

UserRanges::UserRanges(std::shared_ptr<const OrderedUsage> usage, RowKind kind,
                       std::vector<std::string> begins)
    : begins_(checked(std::move(begins))),
      in_memory_(std::move(usage)),
      totals_(size()),
      blocks_(size()) {
  for (std::size_t block = 0; block < in_memory_->block_count(); ++block) {
    std::vector<RowTotals> of_block(size());
    RangeTotals sink(begins_, kind, of_block);
    in_memory_->read_block(block, sink);
    for (std::size_t range = 0; range < size(); ++range) {
      if (of_block[range].rows == 0) continue;
      blocks_[range].push_back(block);
      totals_[range] += of_block[range];
    }
  }
}

UserRanges::UserRanges(UsageSource usage, RowKind kind, std::vector<std::string> begins)
    : begins_(checked(std::move(begins))), from_stream_(std::move(usage)), totals_(size()) {
  RangeTotals sink(begins_, kind, totals_);
  const std::unique_ptr<UsageStream> rows = from_stream_.open();
  while (rows->next(sink)) {
  }
}

const TaskNames& UserRanges::tasks() const {
  return in_memory_ ? in_memory_->tasks() : from_stream_.tasks;
}

void UserRanges::write_rows(std::size_t range, UsageFileWriter& writer) const {
  if (in_memory_) {
    writer.write_rows(RangeInMemory(*in_memory_, range, begins_, blocks_[range]));
  } else {
    RangeStream rows(from_stream_.open(), range, begins_);
    writer.write_rows(rows);
  }
}

}  // namespace billing
