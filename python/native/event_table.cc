#include "event_table.h"

#include <algorithm>
#include <array>
#include <limits>
#include <mutex>
#include <span>
#include <string_view>
#include <utility>

#include "arrow_import.h"
#include "base/civil_time.h"
#include "base/closest_word.h"
#include "base/escape_text.h"
#include "base/timestamp.h"
#include "base/utf8.h"
#include "billing/error.h"
#include "billing/event_batch.h"
#include "mapping/local_time.h"

namespace nb = nanobind;

namespace billing::python {
namespace {

/// Rows that a thread takes at a time.
constexpr std::int64_t kChunkRows = 16 * 1024;
constexpr std::size_t kReadableBeyond = 256;

/// A job counts and numbers records by their line ends: a row stands in the source as one.
const std::string& rows_as_lines() {
  static const std::string kLines(static_cast<std::size_t>(kChunkRows) + kReadableBeyond, '\n');
  return kLines;
}

struct Column {
  std::string name;
  ArrowType type;
  std::size_t place = 0;
};

/// How rows make events. Immutable.
struct TableMapping {
  Column time;
  Column user;
  Column task;
  std::optional<Column> status;
  Column quantity;
  std::size_t column_count = 0;
  QuantityRules rules;
  std::int64_t time_unit_ns = 1;
  std::optional<LocalTime> local;  ///< of times without a zone; nothing: they are UTC
};

/// Some rows of a batch.
struct TableRows final : public RecordState {
  std::shared_ptr<const ArrowArray> batch;
  std::int64_t begin = 0;
  std::int64_t count = 0;
};

Int128 power_of_ten(int digits) {
  Int128 power = 1;
  for (int i = 0; i < digits; ++i) power *= 10;
  return power;
}

constexpr std::int64_t kEndOfTimes_s = days_from_civil({kLastYear + 1, 1, 1}) * kSecondsPerDay;

/// Decodes some rows.
class RowDecoder {
 public:
  RowDecoder(const TableMapping& mapping, const TableRows& rows)
      : mapping_(mapping),
        rows_(rows),
        time_(cells(mapping.time)),
        user_(cells(mapping.user)),
        task_(cells(mapping.task)),
        quantity_(cells(mapping.quantity)) {
    if (mapping.status) status_.emplace(cells(*mapping.status));
  }

  MediationCounts decode(EventBatch& batch, const BatchSink& on_batch,
                         const RejectSink& on_reject) {
    MediationCounts counts;
    counts.bytes = counts.records = static_cast<std::uint64_t>(rows_.count);
    batch.size = 0;
    batch.rounded.clear();
    batch.key = nullptr;
    for (std::int64_t i = 0; i < rows_.count; ++i) {
      batch.offset_bytes[batch.size] = static_cast<std::uint64_t>(i);
      if (const auto flaw = read(rows_.begin + i, batch)) {
        ++counts.rejects;
        on_reject({*flaw, 1, static_cast<std::uint64_t>(i)});
        continue;
      }
      ++counts.events;
      counts.quantity += batch.quantity[batch.size];
      ++batch.size;
      if (batch.full()) {
        on_batch(batch);
        batch.size = 0;
      }
    }
    if (batch.size > 0) on_batch(batch);
    return counts;
  }

 private:
  ArrowCells cells(const Column& column) const {
    return {column.name, column.type, *rows_.batch->children[column.place], *rows_.batch};
  }

  /// Reads a row into the next place of the batch, or says why it is none.
  std::optional<RejectReason> read(std::int64_t row, EventBatch& batch) const {
    const std::size_t at = batch.size;
    if (!read_time(row, batch.time_ns[at])) return RejectReason::bad_time;
    const auto user = user_.text(row);
    if (!user || !is_valid_name(*user)) return RejectReason::bad_user;
    batch.user[at] = *user;
    const auto task = task_.text(row);
    if (!task || !is_valid_name(*task)) return RejectReason::bad_task;
    batch.task[at] = *task;
    batch.status[at] = kNoStatus;
    if (status_) {
      const auto status = status_->number(row);
      if (!status || *status < 0 || *status > kMaxStatus) return RejectReason::bad_status;
      batch.status[at] = static_cast<std::uint16_t>(*status);
    }
    if (read_quantity(row, batch.quantity[at])) return std::nullopt;
    return mapping_.rules.is_duration_ms() ? RejectReason::bad_duration
                                           : RejectReason::bad_quantity;
  }

  bool read_time(std::int64_t row, std::int64_t& time_ns) const {
    const auto cell = time_.number(row);
    const Int128 end_ns = Int128{kEndOfTimes_s} * kNanosecondsPerSecond;
    if (!cell || *cell < 0 || *cell > std::numeric_limits<std::int64_t>::max()) return false;
    const Int128 ns = *cell * mapping_.time_unit_ns;
    if (ns >= end_ns) return false;
    time_ns = static_cast<std::int64_t>(ns);
    if (!mapping_.local) return true;
    std::int64_t offset_s = 0;
    if (!mapping_.local->find_offset(floor_seconds(time_ns), offset_s)) return false;
    time_ns -= offset_s * kNanosecondsPerSecond;
    return time_ns >= 0;
  }

  bool read_quantity(std::int64_t row, std::int64_t& quantity) const {
    const auto cell = quantity_.number(row);
    if (!cell) return false;
    Int128 value = *cell;
    const int more = mapping_.rules.digits - mapping_.quantity.type.scale;
    if (more < 0) {
      const Int128 divisor = power_of_ten(-more);
      if (value % divisor != 0) return false;
      value /= divisor;
    }
    if (value > kMaxQuantity || value < -Int128{kMaxQuantity}) return false;
    if (more > 0) value *= power_of_ten(more);
    if (value > kMaxQuantity || value < -Int128{kMaxQuantity}) return false;
    if (value < 0 && !mapping_.rules.negative) return false;
    quantity = static_cast<std::int64_t>(value);
    return true;
  }

  const TableMapping& mapping_;
  const TableRows& rows_;
  ArrowCells time_;
  ArrowCells user_;
  ArrowCells task_;
  ArrowCells quantity_;
  std::optional<ArrowCells> status_;
};

class TableSource final : public RecordSource {
 public:
  TableSource(std::string name, std::unique_ptr<ArrowReader> reader, std::size_t column_count)
      : name_(std::move(name)), reader_(std::move(reader)), column_count_(column_count) {}

  std::size_t input_count() const override { return 1; }
  const std::string& input_name(std::size_t) const override { return name_; }
  std::optional<std::uint64_t> size_bytes() const override { return std::nullopt; }
  std::uint64_t input_bytes(std::size_t) const override { return rows_; }

  bool next(Chunk& chunk) override {
    const std::lock_guard lock(mutex_);
    while (batch_ == nullptr || next_row_ == batch_->length) {
      batch_ = reader_->next();
      if (batch_ == nullptr) return false;
      check(*batch_);
      next_row_ = 0;
    }
    auto rows = std::make_shared<TableRows>();
    rows->batch = batch_;
    rows->begin = next_row_;
    rows->count = std::min(kChunkRows, batch_->length - next_row_);
    next_row_ += rows->count;
    chunk.sequence = sequence_++;
    chunk.input = 0;
    chunk.offset_bytes = rows_;
    chunk.bytes =
        std::string_view(rows_as_lines()).substr(0, static_cast<std::size_t>(rows->count));
    chunk.readable_bytes = rows_as_lines().size();
    chunk.cut.reset();
    rows_ += static_cast<std::uint64_t>(rows->count);
    chunk.start = std::move(rows);
    return true;
  }

 private:
  void check(const ArrowArray& batch) const {
    if (batch.length >= 0 && batch.offset >= 0 && batch.children != nullptr &&
        batch.n_children == static_cast<std::int64_t>(column_count_))
      return;
    throw Error(ErrorKind::run, "the table is damaged: a batch is not as its schema says");
  }

  std::string name_;
  std::unique_ptr<ArrowReader> reader_;
  std::size_t column_count_;
  std::mutex mutex_;
  std::shared_ptr<const ArrowArray> batch_;
  std::int64_t next_row_ = 0;
  std::uint64_t sequence_ = 0;
  std::uint64_t rows_ = 0;
};

[[noreturn]] void refuse(const std::string& what) { throw Error(ErrorKind::configuration, what); }

std::optional<Column> find_column(const ArrowSchema& schema, const std::string& name) {
  for (std::int64_t i = 0; i < schema.n_children; ++i) {
    const ArrowSchema& child = *schema.children[i];
    if (child.name != nullptr && name == child.name)
      return Column{name, type_of(child), static_cast<std::size_t>(i)};
  }
  return std::nullopt;
}

Column column_of(const ArrowSchema& schema, const char* setting, const std::string& name) {
  if (auto column = find_column(schema, name)) return *std::move(column);
  std::vector<std::string_view> names;
  for (std::int64_t i = 0; i < schema.n_children; ++i) {
    if (schema.children[i]->name != nullptr) names.emplace_back(schema.children[i]->name);
  }
  refuse("\1" + std::string(setting) + ": the table has no column " + quoted_text(name) +
         did_you_mean(name, names));
}

void demand(bool holds, const char* setting, const Column& column, const char* wanted) {
  if (holds) return;
  refuse("\1" + std::string(setting) + ": column " + quoted_text(column.name) + " is of type " +
         quoted_text(column.type.format) + "; it must be " + wanted);
}

std::int64_t unit_ns_of(const std::string& unit) {
  constexpr std::pair<std::string_view, std::int64_t> kUnits[] = {
      {"s", 1'000'000'000}, {"ms", 1'000'000}, {"us", 1'000}, {"ns", 1}};
  for (const auto& [name, unit_ns] : kUnits) {
    if (unit == name) return unit_ns;
  }
  refuse("\1time-unit: unknown " + quoted_text(unit) + "; use one of s, ms, us, ns");
}

void set_time(const FormatSettings& settings, const std::optional<std::string>& time_unit,
              TableMapping& mapping) {
  const ArrowType& type = mapping.time.type;
  const bool is_timestamp = type.kind == ArrowKind::timestamp && !type.index;
  demand(is_timestamp || (type.kind == ArrowKind::int64 && !type.index), "time", mapping.time,
         "a timestamp, or int64");
  if (!is_timestamp) {
    mapping.time_unit_ns = unit_ns_of(time_unit.value_or("ns"));
    return;
  }
  if (time_unit) refuse("\1time-unit: has no effect, as timestamps have a unit of their own");
  mapping.time_unit_ns = type.unit_ns;
  if (type.has_zone) return;
  const TimeZone zone(settings.input_timezone.value_or(settings.timezone));
  if (!zone.is_utc()) mapping.local.emplace(zone);
}

void set_quantity(const FormatSettings& settings, TableMapping& mapping) {
  const ArrowType& type = mapping.quantity.type;
  demand(type.kind != ArrowKind::floating, "quantity", mapping.quantity,
         "of integers or decimals, as floats hold most decimals inexactly: cast it");
  demand((type.is_integer() || type.kind == ArrowKind::decimal128) && !type.index, "quantity",
         mapping.quantity, "of integers or decimal128");
  QuantityRules& rules = mapping.rules;
  const bool is_duration = !settings.quantity && type.is_integer();
  rules.unit = settings.unit.value_or(is_duration ? "ms" : "units");
  rules.digits = settings.quantity_digits.value_or(std::min(type.scale, kMaxQuantityDigits));
  rules.negative = settings.negative;
}

TableMapping mapping_of(const ArrowSchema& schema, const FormatSettings& settings,
                        const std::optional<std::string>& time_unit) {
  if (schema.format == nullptr || std::string_view(schema.format) != "+s" ||
      (schema.n_children > 0 && schema.children == nullptr))
    refuse("this is no table: its stream has no columns");
  TableMapping mapping;
  mapping.column_count = static_cast<std::size_t>(std::max<std::int64_t>(schema.n_children, 0));
  mapping.time = column_of(schema, "time", settings.time.value_or("time"));
  mapping.user = column_of(schema, "user", settings.user.value_or("user"));
  mapping.task = column_of(schema, "task", settings.task.value_or("task"));
  mapping.quantity = column_of(schema, "quantity", settings.quantity.value_or("duration_ms"));
  if (settings.status) {
    if (*settings.status != "none")
      mapping.status = column_of(schema, "status-from", *settings.status);
  } else {
    mapping.status = find_column(schema, "status");
  }
  demand(mapping.user.type.is_text(), "user", mapping.user, "of strings");
  demand(mapping.task.type.is_text(), "task", mapping.task, "of strings");
  if (mapping.status) {
    demand(mapping.status->type.is_integer() && !mapping.status->type.index, "status-from",
           *mapping.status, "of integers");
  }
  set_time(settings, time_unit, mapping);
  set_quantity(settings, mapping);
  return mapping;
}

std::unique_ptr<ArrowReader> reader_of(nb::handle table) {
  const nb::object capsule = table.attr("__arrow_c_stream__")();
  auto* const stream =
      static_cast<ArrowArrayStream*>(PyCapsule_GetPointer(capsule.ptr(), "arrow_array_stream"));
  if (stream == nullptr) throw nb::python_error();
  if (stream->release == nullptr) throw Error(ErrorKind::run, "the table's stream was released");
  auto reader = std::make_unique<ArrowReader>(*stream);
  stream->release = nullptr;  // it is the reader's now
  return reader;
}

}  // namespace

bool is_table(nb::handle given) { return nb::hasattr(given, "__arrow_c_stream__"); }

std::vector<Refusal> table_refusals() {
  std::vector<Refusal> refusals;
  const auto refuse_all = [&refusals](std::initializer_list<std::string_view> keywords,
                                      const char* advice) {
    for (const std::string_view keyword : keywords) refusals.push_back({keyword, advice});
  };
  refuse_all({"input", "files_from", "null_separated", "include", "exclude", "partitioned_by",
              "state", "max_input_bytes", "max_record_bytes", "chunk_bytes"},
             "is for files, and this is a table");
  refuse_all(
      {"format", "log_format", "unwrap", "stream", "separator", "quote", "no_header", "columns",
       "decimal", "null", "measure", "task_pattern", "no_fold_ids", "excess_digits"},
      "is for text, and this is a table: make its columns what they shall be");
  refuse_all({"where", "dedupe_by", "dedupe_keep", "dedupe_missing", "dedupe_window", "duplicates"},
             "is for text, and this is a table: drop its rows before");
  refuse_all({"naive"}, "the sequential baseline reads no tables");
  return refusals;
}

EventTable open_table(nb::handle table, const std::string& name, const FormatSettings& settings,
                      const std::optional<std::string>& time_unit) {
  auto reader = reader_of(table);
  std::shared_ptr<const TableMapping> mapping;
  {
    const nb::gil_scoped_release release;  // the stream may take it
    const auto schema = reader->schema();
    mapping = std::make_shared<const TableMapping>(mapping_of(*schema, settings, time_unit));
  }
  EventTable opened;
  opened.quantity = mapping->rules;
  opened.source = std::make_shared<TableSource>(name, std::move(reader), mapping->column_count);
  opened.decoder = [mapping](const RecordBytes& records, const MediationOptions&, EventBatch& batch,
                             const BatchSink& on_batch, const RejectSink& on_reject) {
    if (records.start == nullptr) return MediationCounts();  // no rows
    return RowDecoder(*mapping, static_cast<const TableRows&>(*records.start))
        .decode(batch, on_batch, on_reject);
  };
  return opened;
}

}  // namespace billing::python
