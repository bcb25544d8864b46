#include "event_columns.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <numeric>
#include <optional>
#include <utility>

#include "base/plain_ascii.h"
#include "base/utf8.h"
#include "billing/error.h"

namespace billing::python {
namespace {

constexpr int kQuantityDigits = 19;  // of 2^63
constexpr std::string_view kColumns[] = {"time", "user", "task", "status", "quantity", "offset"};

void add_bit(std::vector<std::uint8_t>& bits, std::size_t at, bool is_set) {
  if (at % 8 == 0) bits.push_back(0);
  bits[at / 8] = static_cast<std::uint8_t>(bits[at / 8] | (is_set ? 1 << at % 8 : 0));
}

/// As bytes.decode(errors="backslashreplace") of Python has it.
void append_as_utf8(std::string& out, std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t size = utf8_sequence_bytes(bytes, at);
    if (size > 0) {
      out += bytes.substr(at, size);
      at += size;
      continue;
    }
    const auto byte = static_cast<unsigned char>(bytes[at++]);
    out += {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
  }
}

template <class Value>
void reorder(std::vector<Value>& values, const std::vector<std::size_t>& order) {
  std::vector<Value> sorted;
  sorted.reserve(values.size());
  for (const std::size_t from : order) sorted.push_back(values[from]);
  values = std::move(sorted);
}

void reorder(TextColumn& texts, const std::vector<std::size_t>& order) {
  TextColumn sorted;
  sorted.bytes.reserve(texts.bytes.size());
  for (const std::size_t from : order)
    sorted.add(texts.is_there(from) ? texts.text(from) : std::string_view());
  texts = std::move(sorted);
}

class EventsSource final : public ArrowSource {
 public:
  explicit EventsSource(std::shared_ptr<const EventsTable> table)
      : table_(std::move(table)), fields_(table_->fields()) {}

  const std::vector<ArrowField>& fields() const override { return fields_; }

  std::optional<ArrowRows> next() override {
    if (next_ == table_->chunks.size()) return std::nullopt;
    const EventColumns& chunk = *table_->chunks[next_];
    const auto made = std::make_shared<Made>();
    made->chunk = table_->chunks[next_++];
    ArrowRows rows{static_cast<std::int64_t>(chunk.size()), {}, made};
    rows.columns.push_back({.buffers = {chunk.times_ns.data()}});
    rows.columns.push_back(chunk.users.buffers());
    rows.columns.push_back(chunk.tasks.buffers());
    rows.columns.push_back({.buffers = {chunk.statuses.data()},
                            .validity = chunk.has_status.data(),
                            .null_count = chunk.without_status});
    if (table_->quantity_digits == 0) {
      rows.columns.push_back({.buffers = {chunk.quantities.data()}});
    } else {
      made->quantities.assign(chunk.quantities.begin(), chunk.quantities.end());
      rows.columns.push_back({.buffers = {made->quantities.data()}});
    }
    rows.columns.push_back({.buffers = {chunk.offsets_bytes.data()}});
    for (const TextColumn& field : chunk.fields) rows.columns.push_back(field.buffers());
    return rows;
  }

 private:
  /// What a batch has that the chunk has not.
  struct Made {
    std::shared_ptr<const EventColumns> chunk;
    std::vector<Int128> quantities;
  };

  std::shared_ptr<const EventsTable> table_;
  std::vector<ArrowField> fields_;
  std::size_t next_ = 0;
};

}  // namespace

void TextColumn::add(std::string_view text) {
  const bool is_present = text.data() != nullptr;
  add_bit(validity, size(), is_present);
  null_count += is_present ? 0 : 1;
  if (!text.empty()) {
    if (is_plain_ascii(text)) {
      bytes += text;
    } else {
      append_as_utf8(bytes, text);
    }
  }
  if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max())) {
    throw Error(ErrorKind::run,
                "the texts of some records take more than 2 GB in one column; say less "
                "\1chunk-bytes, or a lower \1max-record-bytes");
  }
  ends.push_back(static_cast<std::int32_t>(bytes.size()));
}

std::string_view TextColumn::text(std::size_t i) const {
  const auto begin = static_cast<std::size_t>(ends[i]);
  return std::string_view(bytes).substr(begin, static_cast<std::size_t>(ends[i + 1]) - begin);
}

ArrowBuffers TextColumn::buffers() const {
  return {.buffers = {ends.data(), bytes.data()},
          .validity = null_count == 0 ? nullptr : validity.data(),
          .null_count = null_count};
}

void EventColumns::add(const EventBatch& batch, std::size_t i, std::uint64_t begin_bytes) {
  times_ns.push_back(batch.time_ns[i]);
  users.add(batch.user[i]);
  tasks.add(batch.task[i]);
  add_status(batch.status[i]);
  quantities.push_back(batch.quantity[i]);
  offsets_bytes.push_back(static_cast<std::int64_t>(begin_bytes + batch.offset_bytes[i]));
  const std::string_view* const kept = batch.kept + i * batch.kept_count;
  for (std::size_t field = 0; field < batch.kept_count; ++field) fields[field].add(kept[field]);
}

void EventColumns::add_status(std::uint16_t status) {
  const bool is_there = status != kNoStatus;
  add_bit(has_status, statuses.size(), is_there);
  without_status += is_there ? 0 : 1;
  statuses.push_back(status);
}

void EventColumns::sort() {
  if (std::is_sorted(offsets_bytes.begin(), offsets_bytes.end())) return;
  std::vector<std::size_t> order(size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [this](std::size_t a, std::size_t b) { return offsets_bytes[a] < offsets_bytes[b]; });
  reorder(times_ns, order);
  reorder(users, order);
  reorder(tasks, order);
  reorder(quantities, order);
  reorder(offsets_bytes, order);
  for (TextColumn& field : fields) reorder(field, order);
  const std::vector<std::int32_t> before = std::exchange(statuses, {});
  has_status.clear();
  without_status = 0;
  for (const std::size_t from : order) add_status(static_cast<std::uint16_t>(before[from]));
}

std::vector<ArrowField> EventsTable::fields() const {
  const std::string quantity = quantity_digits == 0 ? "l"
                                                    : "d:" + std::to_string(kQuantityDigits) + "," +
                                                          std::to_string(quantity_digits);
  std::vector<ArrowField> fields = {{.name = "time", .format = "tsn:UTC"},
                                    {.name = "user", .format = "u"},
                                    {.name = "task", .format = "u"},
                                    {.name = "status", .format = "i", .has_nulls = true},
                                    {.name = "quantity", .format = quantity},
                                    {.name = "offset", .format = "l"}};
  for (const std::string& name : field_names)
    fields.push_back({.name = name, .format = "u", .has_nulls = true});
  return fields;
}

std::unique_ptr<ArrowSource> read_as_arrow(std::shared_ptr<const EventsTable> table) {
  return std::make_unique<EventsSource>(std::move(table));
}

bool is_event_column(std::string_view name) {
  return std::find(std::begin(kColumns), std::end(kColumns), name) != std::end(kColumns);
}

}  // namespace billing::python
