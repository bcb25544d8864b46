#include "bill_table.h"

#include <limits>
#include <optional>
#include <utility>

#include "billing/error.h"
#include "render/statement_writer.h"

namespace billing::python {
namespace {

constexpr int kCostDigits = 38;      // the most that decimal128 has
constexpr int kQuantityDigits = 19;  // of 2^63

/// 10^38: the first cost that such a decimal does not hold.
Int128 first_huge_cost() {
  Int128 cost = 1;
  for (int i = 0; i < kCostDigits; ++i) cost *= 10;
  return cost;
}

std::string decimal_format(int digits, int scale) {
  return "d:" + std::to_string(digits) + "," + std::to_string(scale);
}

std::string_view user_of(const BillChunk& chunk, std::size_t line) {
  if (chunk.user_ends.empty()) return {};
  const auto begin = static_cast<std::size_t>(chunk.user_ends[line]);
  return std::string_view(chunk.users)
      .substr(begin, static_cast<std::size_t>(chunk.user_ends[line + 1]) - begin);
}

std::vector<StatementLine> lines_of(const BillChunk& chunk) {
  std::vector<StatementLine> lines;
  lines.reserve(chunk.size());
  for (std::size_t i = 0; i < chunk.size(); ++i) {
    lines.push_back({user_of(chunk, i), chunk.cycles.empty() ? 0 : chunk.cycles[i],
                     chunk.tasks.empty() ? 0 : static_cast<std::uint32_t>(chunk.tasks[i]),
                     static_cast<std::uint64_t>(chunk.calls[i]), chunk.quantities[i],
                     chunk.costs[i]});
  }
  return lines;
}

class BillSource final : public ArrowSource {
 public:
  explicit BillSource(std::shared_ptr<const BillTable> table)
      : table_(std::move(table)), fields_(table_->fields()) {}

  const std::vector<ArrowField>& fields() const override { return fields_; }

  std::optional<ArrowRows> next() override {
    if (next_ == table_->chunks().size()) return std::nullopt;
    const BillChunk& chunk = table_->chunks()[next_++];
    const auto made = std::make_shared<Made>();
    made->table = table_;
    ArrowRows rows{static_cast<std::int64_t>(chunk.size()), {}, made};
    const GroupBy& kept = table_->head().group_by;
    if (kept.user) rows.columns.push_back({{chunk.user_ends.data(), chunk.users.data()}});
    if (kept.cycle) {
      set_labels(chunk, *made);
      rows.columns.push_back({{made->label_ends.data(), made->labels.data()}});
    }
    if (kept.task) {
      rows.columns.push_back({{chunk.tasks.data()},
                              static_cast<std::int64_t>(table_->task_ends().size() - 1),
                              {table_->task_ends().data(), table_->task_bytes().data()}});
    }
    rows.columns.push_back({{chunk.calls.data()}});
    if (table_->head().quantity.digits == 0) {
      rows.columns.push_back({{chunk.quantities.data()}});
    } else {
      made->quantities.assign(chunk.quantities.begin(), chunk.quantities.end());
      rows.columns.push_back({{made->quantities.data()}});
    }
    rows.columns.push_back({{chunk.costs.data()}});
    return rows;
  }

 private:
  /// What a batch has that the chunk has not.
  struct Made {
    std::shared_ptr<const BillTable> table;
    std::string labels;
    std::vector<std::int32_t> label_ends;
    std::vector<Int128> quantities;
  };

  void set_labels(const BillChunk& chunk, Made& made) const {
    made.label_ends.reserve(chunk.size() + 1);
    made.label_ends.push_back(0);
    std::optional<std::int64_t> before;
    std::string label;
    for (const std::int64_t cycle : chunk.cycles) {
      if (cycle != before) {
        label.clear();
        table_->head().cycles->append_label(cycle, label);
        before = cycle;
      }
      made.labels += label;
      made.label_ends.push_back(static_cast<std::int32_t>(made.labels.size()));
    }
  }

  std::shared_ptr<const BillTable> table_;
  std::vector<ArrowField> fields_;
  std::size_t next_ = 0;
};

}  // namespace

void BillTable::begin(const StatementHead& head) { head_ = head; }

void BillTable::take(std::span<const StatementLine> lines) {
  static const Int128 kFirstHugeCost = first_huge_cost();
  const GroupBy& kept = head_.group_by;
  for (const StatementLine& line : lines) {
    if (chunks_.empty() || chunks_.back().size() == kChunkLines) {
      chunks_.emplace_back();
      if (kept.user) chunks_.back().user_ends.push_back(0);
    }
    BillChunk& chunk = chunks_.back();
    if (kept.user) {
      chunk.users += line.user;
      chunk.user_ends.push_back(static_cast<std::int32_t>(chunk.users.size()));
    }
    if (kept.cycle) chunk.cycles.push_back(line.cycle);
    if (kept.task) chunk.tasks.push_back(static_cast<std::int32_t>(line.task));
    chunk.calls.push_back(static_cast<std::int64_t>(line.calls));
    chunk.quantities.push_back(line.quantity);
    chunk.costs.push_back(line.cost);
    if (line.cost >= kFirstHugeCost || line.cost <= -kFirstHugeCost) has_huge_cost_ = true;
  }
  size_ += lines.size();
}

void BillTable::commit() {
  task_ends_.push_back(0);
  if (!head_.group_by.task) return;
  constexpr std::size_t kMostBytes = std::numeric_limits<std::int32_t>::max();
  for (std::size_t i = 0; i < head_.tasks.size(); ++i) {
    task_bytes_ += head_.tasks[i];
    if (task_bytes_.size() > kMostBytes)
      throw Error(ErrorKind::run,
                  "the names of tasks take more than 2 GB; group by user and cycle");
    task_ends_.push_back(static_cast<std::int32_t>(task_bytes_.size()));
  }
}

std::vector<ArrowField> BillTable::fields() const {
  std::vector<ArrowField> fields;
  if (head_.group_by.user) fields.push_back({"user", "u", ""});
  if (head_.group_by.cycle) fields.push_back({"cycle", "u", ""});
  if (head_.group_by.task) fields.push_back({"task", "i", "u"});
  fields.push_back({"calls", "l", ""});
  const QuantityRules& quantity = head_.quantity;
  fields.push_back({quantity.is_duration_ms() ? "duration_ms" : "quantity",
                    quantity.digits == 0 ? "l" : decimal_format(kQuantityDigits, quantity.digits),
                    ""});
  fields.push_back({"cost", decimal_format(kCostDigits, head_.rounding.scale), ""});
  return fields;
}

void BillTable::check_arrow() const {
  if (!has_huge_cost_) return;
  throw Error(ErrorKind::run,
              "a cost has more than 38 digits, which a decimal of Arrow does not hold; lower "
              "\1scale, or write the bill with to_csv()");
}

void BillTable::render(OutputFormat format, bool csv_safe,
                       const std::function<void(std::string_view)>& write) const {
  const StatementFormat style{format, head_.group_by, head_.rounding.scale, csv_safe,
                              head_.quantity};
  write(statement_header(style));
  StatementWriter writer(style, head_.tasks, head_.cycles.get());
  std::string text;
  for (const BillChunk& chunk : chunks_) {
    text.clear();
    writer.append(lines_of(chunk), text);
    write(text);
  }
}

std::unique_ptr<ArrowSource> read_as_arrow(std::shared_ptr<const BillTable> table) {
  return std::make_unique<BillSource>(std::move(table));
}

}  // namespace billing::python
