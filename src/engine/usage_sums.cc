// Usage -> sums, block by block: in parallel where it is in memory, else as it is read.

#include <utility>

#include "billing/sums.h"
#include "engine/cycle_numberer.h"
#include "engine/flat_usage.h"
#include "engine/usage_parts.h"

namespace billing {
namespace {

class MemorySums final : public Sums {
 public:
  MemorySums(std::unique_ptr<OrderedUsage> usage, const Numbering& numbering)
      : usage_(std::move(usage)), numbering_(numbering) {}

  const TaskNames& tasks() const override { return usage_->tasks(); }
  std::unique_ptr<SumReader> read() const override {
    return std::make_unique<Reader>(*usage_, numbering_);
  }

 private:
  class Reader final : public SumReader {
   public:
    Reader(const OrderedUsage& usage, const Numbering& numbering)
        : usage_(usage), numbering_(numbering) {}

    bool next(SumBlock& block) override {
      if (next_ == usage_.block_count()) return false;
      block.index = next_++;
      return true;
    }

    void load(SumBlock& block) const override {
      block.rows.clear();
      CycleNumberer numberer(numbering_, block.rows);
      usage_.read_block(block.index, numberer);
      numberer.finish();
    }

   private:
    const OrderedUsage& usage_;
    Numbering numbering_;
    std::size_t next_ = 0;
  };

  std::unique_ptr<OrderedUsage> usage_;
  Numbering numbering_;
};

/// Numbers what a stream gives, and keeps the names that sums point to.
class StreamNumberer final : public UsageSink {
 public:
  StreamNumberer(const Numbering& numbering, SumBlock& block)
      : block_(&block), numberer_(numbering, block.rows) {}

  void begin_user(std::string_view user, std::uint64_t first_row) override {
    if (block_->names.empty() || block_->names.back() != user) block_->names.emplace_back(user);
    numberer_.begin_user(block_->names.back(), first_row);
  }
  void add(std::span<const UsageRow> rows) override { numberer_.add(rows); }
  void finish() { numberer_.finish(); }
  std::size_t open_sums() const { return numberer_.open_sums(); }

  /// Goes on in another block, with the rows of the line that is not yet complete and the name of
  /// the user under way.
  void continue_in(SumBlock& block, const SumBlock& open, bool keeps_users) {
    block_ = &block;
    block.names.emplace_back(open.names.empty() ? std::string_view() : open.names.back());
    block.rows = open.rows;
    if (keeps_users) {
      for (Sum& row : block.rows) row.user = block.names.back();
    }
    numberer_.continue_in(block.rows, keeps_users ? block.names.back() : std::string_view());
  }

 private:
  SumBlock* block_;
  CycleNumberer numberer_;
};

class StreamSums final : public Sums {
 public:
  StreamSums(UsageSource source, const Numbering& numbering)
      : source_(std::move(source)), numbering_(numbering) {}

  const TaskNames& tasks() const override { return source_.tasks; }
  std::unique_ptr<SumReader> read() const override {
    return std::make_unique<Reader>(source_.open(), numbering_);
  }

 private:
  class Reader final : public SumReader {
   public:
    Reader(std::unique_ptr<UsageStream> stream, const Numbering& numbering)
        : stream_(std::move(stream)), numbering_(numbering), numberer_(numbering, open_) {}

    bool next(SumBlock& block) override {
      block.names.clear();
      numberer_.continue_in(block, open_, numbering_.keeps_users);
      std::size_t complete = 0;
      while (complete == 0 && !at_end_) {
        while (block.rows.size() < wanted_rows_ && !at_end_) at_end_ = !stream_->next(numberer_);
        if (at_end_) numberer_.finish();
        complete = at_end_ ? block.rows.size() : complete_rows(block.rows);
        wanted_rows_ = complete == 0 ? block.rows.size() * 2 : kBlockRows;
      }
      keep_open_line(block, complete);
      block.index = index_++;
      return !block.rows.empty();
    }
    void load(SumBlock&) const override {}

   private:
    /// Where the last line begins, of which more may come. For events that is the cycle under way;
    /// what belongs to no user is added up later.
    std::size_t complete_rows(const std::vector<Sum>& rows) const {
      if (numbering_.calls_per_cycle > 0) return rows.size() - numberer_.open_sums();
      std::size_t at = rows.size();
      while (at > 1 && rows[at - 2].cycle == rows.back().cycle &&
             rows[at - 2].user == rows.back().user)
        --at;
      return at == 0 ? 0 : at - 1;
    }

    /// The user under way is kept, too, also where no row of the line is there yet.
    void keep_open_line(SumBlock& block, std::size_t complete) {
      open_.names.clear();
      open_.names.push_back(block.names.back());
      open_.rows.assign(block.rows.begin() + static_cast<std::ptrdiff_t>(complete),
                        block.rows.end());
      block.rows.resize(complete);
    }

    std::unique_ptr<UsageStream> stream_;
    Numbering numbering_;
    SumBlock open_;  ///< the line that the next block begins with
    StreamNumberer numberer_;
    std::size_t wanted_rows_ = kBlockRows;
    std::size_t index_ = 0;
    bool at_end_ = false;
  };

  UsageSource source_;
  Numbering numbering_;
};

/// Cycles of calls are numbered user by user, also where users are then dropped.
template <class UsageSums, class From>
std::unique_ptr<Sums> sums_of(From usage, const Numbering& numbering,
                              const std::function<void()>& checkpoint, const SumSpill& spill) {
  auto sums = std::make_unique<UsageSums>(std::move(usage), numbering);
  if (numbering.keeps_users || numbering.calls_per_cycle == 0) return sums;
  constexpr Numbering kFlat{0, false};
  std::unique_ptr<OrderedUsage> flat = add_up_users(*sums, checkpoint, spill);
  sums.reset();
  if (flat) return std::make_unique<MemorySums>(std::move(flat), kFlat);
  return std::make_unique<StreamSums>(spill.merged(), kFlat);
}

}  // namespace

std::unique_ptr<Sums> make_sums(std::unique_ptr<OrderedUsage> usage, const Numbering& numbering,
                                const std::function<void()>& checkpoint, const SumSpill& spill) {
  return sums_of<MemorySums>(std::move(usage), numbering, checkpoint, spill);
}

std::unique_ptr<Sums> make_sums(UsageSource source, const Numbering& numbering,
                                const std::function<void()>& checkpoint, const SumSpill& spill) {
  return sums_of<StreamSums>(std::move(source), numbering, checkpoint, spill);
}

}  // namespace billing
