// Usage -> sums, block by block: in parallel where it is in memory, else as it is read.

#include <memory>
#include <stdexcept>
#include <utility>

#include "billing/sums.h"
#include "engine/flat_usage.h"
#include "engine/sum_builder.h"
#include "engine/usage_parts.h"

namespace billing {
namespace {

class MemorySums final : public Sums {
 public:
  MemorySums(std::unique_ptr<OrderedUsage> usage, const SumRules& rules)
      : usage_(std::move(usage)), rules_(rules) {}

  const TaskNames& tasks() const override { return usage_->tasks(); }
  std::unique_ptr<SumReader> read() const override {
    return std::make_unique<Reader>(*usage_, rules_);
  }

 private:
  class Reader final : public SumReader {
   public:
    Reader(const OrderedUsage& usage, const SumRules& rules) : usage_(usage), rules_(rules) {}

    bool next(SumBlock& block) override {
      if (next_ == usage_.block_count()) return false;
      block.index = next_++;
      return true;
    }

    void load(SumBlock& block) const override {
      block.rows.clear();
      SumBuilder builder(rules_, block.rows);
      usage_.read_block(block.index, builder);
      builder.finish();
    }

   private:
    const OrderedUsage& usage_;
    SumRules rules_;
    std::size_t next_ = 0;
  };

  std::unique_ptr<OrderedUsage> usage_;
  SumRules rules_;
};

bool has_users(const SumRules& rules) { return rules.rows == RowKind::events || rules.kept.user; }

/// Makes sums of what a stream gives, and keeps the names that sums point to.
class StreamSumBuilder final : public UsageSink {
 public:
  StreamSumBuilder(const SumRules& rules, SumBlock& block)
      : keeps_users_(rules.wanted.user), block_(&block), builder_(rules, block.rows) {}

  void begin_user(std::string_view user, std::uint64_t first_row) override {
    if (!keeps_users_) return builder_.begin_user({}, first_row);
    if (block_->names.empty() || block_->names.back() != user) block_->names.emplace_back(user);
    builder_.begin_user(block_->names.back(), first_row);
  }
  void add(std::span<const UsageRow> rows) override { builder_.add(rows); }
  void finish() { builder_.finish(); }
  bool groups() const { return builder_.groups(); }
  std::size_t open_sums() const { return builder_.open_sums(); }

  /// Goes on in another block, with the rows of the line that is not yet complete and the name of
  /// the user under way.
  void continue_in(SumBlock& block, const SumBlock& open) {
    block_ = &block;
    block.names.emplace_back(open.names.empty() ? std::string_view() : open.names.back());
    block.rows = open.rows;
    if (keeps_users_) {
      for (Sum& row : block.rows) row.user = block.names.back();
    }
    builder_.continue_in(block.rows, keeps_users_ ? block.names.back() : std::string_view());
  }

 private:
  bool keeps_users_;
  SumBlock* block_;
  SumBuilder builder_;
};

class StreamSums final : public Sums {
 public:
  StreamSums(UsageSource source, const SumRules& rules)
      : source_(std::move(source)), rules_(rules) {}

  const TaskNames& tasks() const override { return source_.tasks; }
  std::unique_ptr<SumReader> read() const override {
    return std::make_unique<Reader>(source_.open(), rules_);
  }

 private:
  class Reader final : public SumReader {
   public:
    Reader(std::unique_ptr<UsageStream> stream, const SumRules& rules)
        : stream_(std::move(stream)), rules_(rules), builder_(rules, open_) {}

    bool next(SumBlock& block) override {
      block.names.clear();
      builder_.continue_in(block, open_);
      std::size_t complete = 0;
      while (complete == 0 && !at_end_) {
        while (block.rows.size() < wanted_rows_ && !at_end_) at_end_ = !stream_->next(builder_);
        if (at_end_) builder_.finish();
        complete = at_end_ ? block.rows.size() : complete_rows(block.rows);
        wanted_rows_ = complete == 0 ? block.rows.size() * 2 : kBlockRows;
      }
      keep_open_line(block, complete);
      block.index = index_++;
      return !block.rows.empty();
    }
    void load(SumBlock&) const override {}

   private:
    /// Where the last line begins, of which more may come: the group under way, or the cycle. Where
    /// users are dropped, lines are added up later, and a block may end anywhere.
    std::size_t complete_rows(const std::vector<Sum>& rows) const {
      if (builder_.groups()) return rows.size() - builder_.open_sums();
      if (has_users(rules_) && !rules_.wanted.user) return rows.size();
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
    SumRules rules_;
    SumBlock open_;  ///< the line that the next block begins with
    StreamSumBuilder builder_;
    std::size_t wanted_rows_ = kBlockRows;
    std::size_t index_ = 0;
    bool at_end_ = false;
  };

  UsageSource source_;
  SumRules rules_;
};

/// Usage in memory, block by block.
class BlockStream final : public UsageStream {
 public:
  explicit BlockStream(std::shared_ptr<const OrderedUsage> usage) : usage_(std::move(usage)) {}

  bool next(UsageSink& sink) override {
    if (next_ == usage_->block_count()) return false;
    usage_->read_block(next_++, sink);
    return true;
  }

 private:
  std::shared_ptr<const OrderedUsage> usage_;
  std::size_t next_ = 0;
};

/// Drops the users of sums that were made user by user, where they are not wanted.
std::unique_ptr<Sums> without_users(std::unique_ptr<Sums> sums, const SumRules& rules,
                                    const std::function<void()>& checkpoint,
                                    const SumSpill& spill) {
  if (rules.wanted.user || !has_users(rules)) return sums;
  const SumRules flat_rules{RowKind::sums, 0, rules.wanted, rules.wanted};
  std::unique_ptr<OrderedUsage> flat = add_up_users(*sums, rules.wanted.parts(), checkpoint, spill);
  sums.reset();
  if (flat) return std::make_unique<MemorySums>(std::move(flat), flat_rules);
  return std::make_unique<StreamSums>(spill.merged(), flat_rules);
}

void check(const SumRules& rules) {
  if (!rules.kept.holds(rules.wanted))
    throw std::invalid_argument("sums of a key that the usage does not keep apart");
}

}  // namespace

std::unique_ptr<Sums> make_sums(std::unique_ptr<OrderedUsage> usage, const SumRules& rules,
                                const std::function<void()>& checkpoint, const SumSpill& spill) {
  check(rules);
  if (rules.kept.cycle && !rules.wanted.cycle) {
    // A block may end inside of a user, who is one group then.
    const std::shared_ptr<const OrderedUsage> shared = std::move(usage);
    return make_sums(
        UsageSource{shared->tasks(), [shared] { return std::make_unique<BlockStream>(shared); }},
        rules, checkpoint, spill);
  }
  return without_users(std::make_unique<MemorySums>(std::move(usage), rules), rules, checkpoint,
                       spill);
}

std::unique_ptr<Sums> make_sums(UsageSource source, const SumRules& rules,
                                const std::function<void()>& checkpoint, const SumSpill& spill) {
  check(rules);
  return without_users(std::make_unique<StreamSums>(std::move(source), rules), rules, checkpoint,
                       spill);
}

}  // namespace billing
