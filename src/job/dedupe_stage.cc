#include "job/dedupe_stage.h"

#include <algorithm>
#include <utility>

#include "base/byte_codec.h"

namespace billing {
namespace {

/// Of duplicates, which have their places for keys: no two have the same.
bool no_order(std::string_view, std::string_view) { return false; }

}  // namespace

SurvivorTotals& SurvivorTotals::operator+=(const SurvivorTotals& more) {
  stay += more.stay;
  duplicates += more.duplicates;
  rounding += more.rounding;
  return *this;
}

void SurvivorTotals::add_to(InputTotals& totals) const {
  InputTotals more;
  more.accepted = stay.records;
  more.events = stay.events;
  more.accepted_quantity = stay.quantity;
  more.earliest_ns = stay.earliest_ns;
  more.latest_ns = stay.latest_ns;
  more.duplicates = duplicates;
  more.rounding = rounding;
  totals += more;
}

void replace_records(InputTotals& totals, const SurvivorTotals& before,
                     const SurvivorTotals& after) {
  totals.accepted -= before.stay.records;
  totals.events -= before.stay.events;
  totals.accepted_quantity -= before.stay.quantity;
  totals.duplicates -= before.duplicates;
  if (totals.accepted == 0) {
    totals.earliest_ns = InputTotals().earliest_ns;
    totals.latest_ns = InputTotals().latest_ns;
  }
  after.add_to(totals);
}

DedupeStage::DedupeStage(const DedupeSettings& settings, std::size_t input_count,
                         const MemoryPlan& memory, const SpillOptions& spill, bool lists)
    : lists_(lists),
      input_count_(input_count),
      threads_(memory.threads),
      waiting_bytes_(waiting_bytes(memory) / memory.threads),
      listing_bytes_(listing_bytes(memory) / memory.threads),
      records_(spill, settings.keeps_largest ? largest_first : smallest_first),
      duplicates_(spill, no_order) {}

void DedupeStage::add(const KeptRecords& records, std::size_t first_input) {
  if (records.totals.records == 0) return;
  records_.add_file(make_run(records, static_cast<std::uint32_t>(first_input)));
}

/// By sequence number, the lines of a chunk's input before it.
std::vector<std::uint64_t> DedupeStage::first_lines() const {
  std::vector<std::uint64_t> first_lines;
  std::uint64_t lines = 0;
  for (std::size_t i = 0; i < chunks_.size(); ++i) {
    if (i > 0 && chunks_[i].input != chunks_[i - 1].input) lines = 0;
    first_lines.push_back(lines);
    lines += chunks_[i].lines;
  }
  return first_lines;
}

void DedupeStage::list(std::size_t first_input, const TakeDuplicate& take) const {
  const std::vector<std::uint64_t> before = first_lines();
  // Inputs are fewer than what would make two ranges of them.
  const std::unique_ptr<KeyedReader> rows = duplicates_.read(0, 1);
  for (KeyedRow row; rows->next(row);) {
    ByteReader rest(row.bytes);
    const std::uint64_t sequence = rest.varint();
    const std::uint64_t line = rest.varint();
    const std::uint64_t offset_bytes = rest.varint();
    const std::uint64_t record_bytes = rest.varint();
    const std::string_view record = rest.bytes(rest.left());
    take(row.key.high - first_input,
         make_rejected_record(before.at(sequence) + line + 1, offset_bytes, 1,
                              RejectReason::duplicate, record, record_bytes));
  }
}

void DedupeIntake::add(const EventBatch& batch, std::size_t input, std::uint64_t first_byte,
                       const PlaceOf& place_of) {
  auto rounded = batch.rounded.begin();
  for (std::size_t i = 0; i < batch.size;) {
    const std::size_t first = i;
    const std::uint64_t offset_bytes = batch.offset_bytes[first];
    events_.clear();
    for (; i < batch.size && batch.offset_bytes[i] == offset_bytes; ++i)
      append_event(events_, {batch.quantity[i], batch.task[i]});
    while (rounded != batch.rounded.end() && rounded->offset_bytes < offset_bytes) ++rounded;
    const bool is_rounded = rounded != batch.rounded.end() && rounded->offset_bytes == offset_bytes;
    rest_.clear();
    if (lists()) {
      const Place place = place_of(offset_bytes);
      append_varint(rest_, place.sequence);
      append_varint(rest_, place.line);
      append_varint(rest_, place.offset_bytes);
      append_varint(rest_, place.record.size());
      rest_ += place.record.substr(0, kMaxKeptRecordBytes);
    }
    row_.clear();
    append_record(row_, {batch.time_ns[first], first_byte + offset_bytes,
                         static_cast<std::uint32_t>(first_input_ + input), batch.status[first],
                         batch.user[first], events_, rest_,
                         is_rounded ? rounded->rounding : QuantityRounding{}});
    rows_.add(batch.key[first], row_);
  }
}

void DedupeIntake::end_chunk(std::uint64_t sequence, std::size_t input, std::uint64_t lines) {
  rows_.make_room();
  if (!lists()) return;
  const std::lock_guard lock(stage_.mutex_);
  if (stage_.chunks_.size() <= sequence) stage_.chunks_.resize(sequence + 1);
  stage_.chunks_[sequence] = {input, lines};
}

JudgedRecords::JudgedRecords(const DedupeStage& stage, std::size_t range, std::size_t readers,
                             std::size_t input_end, const std::function<void()>& checkpoint)
    : rows_(stage.read(range, readers)), input_end_(input_end), checkpoint_(checkpoint) {
  checkpoint_();
}

bool JudgedRecords::next() {
  constexpr std::uint64_t kRowsAtOnce = std::uint64_t{1} << 16;
  do {
    if (!rows_->next(row_)) return false;
    if (++row_count_ % kRowsAtOnce == 0) checkpoint_();
  } while (record().input >= input_end_);
  stays_ = row_.key == kNoKey || row_.key != last_key_;
  last_key_ = row_.key;
  return true;
}

Survivors::Survivors(SurvivorPass& pass, const std::function<void()>& checkpoint)
    : pass_(pass),
      checkpoint_(checkpoint),
      duplicates_(pass.stage().duplicates_, pass.stage().listing_bytes_),
      totals_(pass.stage().input_count()) {}

bool Survivors::next(EventBatch& batch) {
  batch.size = 0;
  names_.clear();
  // Names are copied, as their bytes are gone with the next row; they must not move meanwhile.
  names_.reserve(2 * kMaxNameBytes * kEventBatchCapacity);
  while (has_record_ || next_record()) {
    has_record_ = true;
    if (!take_record(batch)) break;
    has_record_ = false;
  }
  return batch.size > 0;
}

/// Goes on to the next record that stays.
bool Survivors::next_record() {
  while (!at_end_) {
    if (!records_) {
      const std::size_t range = pass_.next_range_++;
      at_end_ = range >= kKeyRanges;
      if (at_end_) break;
      const DedupeStage& stage = pass_.stage();
      records_.emplace(stage, range, stage.threads(), pass_.scope().input_end, checkpoint_);
    }
    if (!records_->next()) {
      records_.reset();
      continue;
    }
    const KeyedRecord record = records_->record();
    if (!records_->stays()) {
      drop(record);
    } else if (!pass_.scope().before_ns || record.time_ns < *pass_.scope().before_ns) {
      return true;
    }
  }
  return false;
}

/// False where the batch has no room for all events of the record.
bool Survivors::take_record(EventBatch& batch) {
  const KeyedRecord record = records_->record();
  std::size_t count = 0;
  for (std::string_view events = record.events; !events.empty(); ++count) take_event(events);
  if (batch.size + count > kEventBatchCapacity) return false;
  const auto copy = [this](std::string_view name) {
    names_ += name;
    return std::string_view(names_).substr(names_.size() - name.size());
  };
  SurvivorTotals& totals = totals_[record.input];
  totals.stay.add(record);
  totals.rounding += record.rounding;
  // Not of records that bill nothing: of them there may be any number before the batch is full.
  std::optional<std::string_view> user;
  for (std::string_view events = record.events; !events.empty();) {
    const KeyedEvent event = take_event(events);
    if (event.task.empty()) continue;  // the record bills nothing
    if (pass_.scope().collects_tasks) collect(event.task);
    const std::size_t n = batch.size++;
    batch.time_ns[n] = record.time_ns;
    if (!user) user = copy(record.user);
    batch.user[n] = *user;
    batch.task[n] = copy(event.task);
    batch.status[n] = record.status;
    batch.quantity[n] = event.quantity;
    batch.offset_bytes[n] = record.offset_bytes;
  }
  return true;
}

void Survivors::drop(const KeyedRecord& record) {
  ++totals_[record.input].duplicates;
  // Records of files have no text, nor those that are listed once their line has ended.
  if (pass_.scope().lists && !record.rest.empty())
    duplicates_.add({record.input, record.offset_bytes}, record.rest);
}

/// Neighbours are often of one task.
void Survivors::collect(std::string_view task) {
  if (task == task_) return;
  task_ = task;
  if (tasks_.insert(task_).second) task_bytes_ += sizeof(std::string) + task_.size();
}

void Survivors::finish() {
  duplicates_.finish();
  const std::lock_guard lock(pass_.mutex_);
  for (std::size_t i = 0; i < totals_.size(); ++i) pass_.totals_[i] += totals_[i];
  pass_.tasks_.merge(tasks_);
}

}  // namespace billing
