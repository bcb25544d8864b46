#include "naive/naive_engine.h"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>
#include <variant>

#include "billing/error.h"
#include "naive/unwrapped_stream.h"

namespace billing::naive {
namespace {

/// All rows in one block.
class SortedSums final : public Sums {
 public:
  /// `rows` point into `users`.
  SortedSums(TaskNames tasks, std::vector<Sum> rows, Names users)
      : tasks_(std::move(tasks)), rows_(std::move(rows)), users_(std::move(users)) {}

  const TaskNames& tasks() const override { return tasks_; }
  std::unique_ptr<SumReader> read() const override { return std::make_unique<Reader>(rows_); }

 private:
  class Reader final : public SumReader {
   public:
    explicit Reader(const std::vector<Sum>& rows) : rows_(rows) {}

    bool next(SumBlock& block) override {
      block.index = 0;
      return !std::exchange(done_, true);
    }
    void load(SumBlock& block) const override { block.rows = rows_; }

   private:
    const std::vector<Sum>& rows_;
    bool done_ = false;
  };

  TaskNames tasks_;
  std::vector<Sum> rows_;
  Names users_;
};

TaskNames sorted(const Names& names) {
  std::vector<std::string> result;
  for (std::uint32_t i = 0; i < names.size(); ++i) result.emplace_back(names[i]);
  std::sort(result.begin(), result.end());
  return TaskNames(result);
}

/// For each name, by index, its place among the sorted names.
std::vector<std::uint32_t> places(const Names& names) {
  std::vector<std::uint32_t> order(names.size());
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(), [&](auto a, auto b) { return names[a] < names[b]; });
  std::vector<std::uint32_t> result(names.size());
  for (std::uint32_t place = 0; place < order.size(); ++place) result[order[place]] = place;
  return result;
}

std::vector<Event> events_of(const std::vector<MappedEvent>& mapped) {
  std::vector<Event> events;
  events.reserve(mapped.size());
  for (const MappedEvent& event : mapped)
    events.push_back({event.time_ns, event.user, event.task, event.status, event.quantity});
  return events;
}

void check_end(const std::istream& input, const InputTotals& totals) {
  if (input.bad() || !input.eof()) {
    throw Error(ErrorKind::run, "cannot read the input after byte " + std::to_string(totals.bytes));
  }
}

}  // namespace

std::uint32_t Names::index_of(std::string_view name) {
  if (const auto found = indexes_.find(name); found != indexes_.end()) return found->second;
  const auto index = static_cast<std::uint32_t>(names_.size());
  indexes_.emplace(names_.emplace_back(name), index);
  return index;
}

std::size_t Engine::KeyHash::operator()(const Key& key) const {
  constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15;
  const std::uint64_t names = (std::uint64_t{key.user} << 32) | key.task;
  const std::uint64_t mixed =
      (names * kOdd ^ static_cast<std::uint64_t>(key.cycle) ^ key.part) * kOdd;
  return mixed ^ (mixed >> 32);
}

Engine::Engine(Options options)
    : options_(std::move(options)),
      calls_per_cycle_(options_.key.cycle ? options_.cycles->calls_per_cycle() : 0) {}

InputTotals Engine::add(std::istream& input, const RejectSink& on_reject) {
  InputTotals totals;
  LineReader lines(input, options_.max_record_bytes);
  for (Line line; lines.next(line);) {
    const std::uint64_t offset_bytes = totals.bytes;
    totals.bytes += line.bytes;
    ++totals.records;
    if (text_key_) expect_record(totals.records, offset_bytes, line.text, line.text_bytes);
    if (const auto flaw = add_line(line, offset_bytes == 0, totals)) {
      ++totals.rejected[static_cast<std::size_t>(flaw->reason)];
      if (on_reject) {
        on_reject(make_rejected_record(totals.records, offset_bytes, flaw->column, flaw->reason,
                                       line.text, line.text_bytes));
      }
    }
  }
  check_end(input, totals);
  return totals;
}

InputTotals Engine::add(std::istream& input, const RecordFormat& format,
                        const RejectSink& on_reject) {
  if (format.wrapper == Wrapper::none) return add_records(input, format, on_reject);
  UnwrappedStream text(input, format.wrapper, format.stream, options_.max_record_bytes);
  unwrapped_ = &text;
  InputTotals totals = add_records(text, format, [&](RejectedRecord reject) {
    // Of the text so much was read as the record takes.
    text.pass_rejects(on_reject);
    const UnwrappedStream::Place place = text.place_of(reject.offset_bytes);
    reject.line = place.line;
    reject.offset_bytes = place.offset_bytes;
    if (on_reject) on_reject(reject);
  });
  unwrapped_ = nullptr;
  text.pass_rejects(on_reject);
  totals.bytes = text.wrapped_bytes();
  totals.blank += text.blanks();
  totals.directives += text.directives();
  totals.records += text.blanks() + text.directives();
  for (std::size_t i = 0; i < totals.rejected.size(); ++i) {
    totals.rejected[i] += text.rejected()[i];
    totals.records += text.rejected()[i];
  }
  return totals;
}

InputTotals Engine::add_records(std::istream& input, const RecordFormat& format,
                                const RejectSink& on_reject) {
  filtered_by_.resize(std::max(filtered_by_.size(), format.where.size()));
  ++inputs_;
  at_hand_.reset();
  // Of an input without records there are no settings.
  keeps_largest_ = keeps_largest_ || format.dedupe.keeps_largest;
  const bool has_key = !format.dedupe.by.empty();
  if (format.family == FormatFamily::text) {
    text_digits_ = format.quantity.digits;
    text_wheres_ = wheres_of(format);
    if (has_key) text_key_.emplace(format, nullptr);
    InputTotals totals = add(input, on_reject);
    text_wheres_.clear();
    text_key_.reset();
    return totals;
  }
  InputTotals totals;
  RecordReader reader(input, format, options_.max_record_bytes);
  for (Item item; reader.next(item);) {
    ++totals.records;
    if (has_key) {
      expect_record(item.record.line, item.record.offset_bytes, item.record.text,
                    item.record.text_bytes);
      key_at_hand_ = item.key;
    }
    if (const auto flaw = add_item(item, totals)) {
      ++totals.rejected[static_cast<std::size_t>(flaw->reason)];
      if (format.family == FormatFamily::csv) totals.more_reject_lines += item.record.lines - 1;
      if (on_reject) {
        on_reject(make_rejected_record(item.record.line, item.record.offset_bytes, flaw->column,
                                       flaw->reason, item.record.text, item.record.text_bytes));
      }
    }
  }
  totals.bytes = reader.bytes();
  totals.broken = reader.is_broken() ? 1 : 0;
  check_end(input, totals);
  return totals;
}

/// The next record is to wait for its duplicates, should it be an event.
void Engine::expect_record(std::uint64_t line, std::uint64_t offset_bytes, std::string_view record,
                           std::uint64_t record_bytes) {
  at_hand_.emplace();
  at_hand_->input = inputs_ - 1;
  at_hand_->text_at = offset_bytes;
  at_hand_->line = line;
  at_hand_->offset_bytes = offset_bytes;
  if (unwrapped_ != nullptr) {
    const UnwrappedStream::Place place = unwrapped_->place_of(offset_bytes);
    at_hand_->line = place.line;
    at_hand_->offset_bytes = place.offset_bytes;
  }
  at_hand_->record = record;
  at_hand_->record_bytes = record_bytes;
}

std::optional<Flaw> Engine::add_item(const Item& item, InputTotals& totals) {
  switch (item.kind) {
    case Item::Kind::blank:
      ++totals.blank;
      return std::nullopt;
    case Item::Kind::directive:
      ++totals.directives;
      return std::nullopt;
    case Item::Kind::filtered:
      drop(item.filter, totals);
      return std::nullopt;
    case Item::Kind::reject:
      return Flaw{item.reason, item.column};
    case Item::Kind::event:
      break;
  }
  const std::uint64_t before = totals.accepted;
  totals.without_quantity += item.events.front().is_without_quantity ? 1 : 0;
  count_measures(item.has_measure);
  if (at_hand_) at_hand_->rounding = item.rounding;
  const auto flaw = add_events(events_of(item.events), item.events.front().task_column, totals);
  if (totals.accepted > before) totals.rounding += item.rounding;
  return flaw;
}

std::optional<Flaw> Engine::add_line(const Line& line, bool is_first, InputTotals& totals) {
  if (line.text_bytes > options_.max_record_bytes) return Flaw{RejectReason::too_long, 1};
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (!is_first || !line.text.starts_with(kByteOrderMark)) return add_record(line.text, totals);
  // It belongs to the record, so columns count it.
  auto flaw = add_record(line.text.substr(kByteOrderMark.size()), totals);
  if (flaw) flaw->column += static_cast<std::uint32_t>(kByteOrderMark.size());
  return flaw;
}

std::optional<Flaw> Engine::add_record(std::string_view record, InputTotals& totals) {
  const Record parsed = parse_record(record, text_digits_);
  if (const auto* flaw = std::get_if<Flaw>(&parsed)) return *flaw;
  const auto* event = std::get_if<Event>(&parsed);
  if (!event) {
    ++totals.blank;
    return std::nullopt;
  }
  if (!text_wheres_.empty() || text_key_) {
    const MappedEvent mapped{event->time_ns, std::string(event->user), std::string(event->task),
                             event->status, event->quantity};
    if (text_key_) {
      key_at_hand_ = std::get<DuplicateKey>(text_key_->key_of(nullptr, {mapped}, record));
    }
    if (const auto filter = first_that_drops(text_wheres_, true, nullptr, &mapped)) {
      drop(*filter, totals);
      return std::nullopt;
    }
  }
  return add_events({event, 1}, column_of(record, event->task), totals);
}

void Engine::drop(std::size_t filter, InputTotals& totals) {
  ++totals.filtered;
  ++filtered_by_[filter];
}

void Engine::count_measures(const std::vector<bool>& has_measure) {
  if (has_measure.empty()) return;
  ++measured_records_;
  with_measure_.resize(has_measure.size());
  for (std::size_t i = 0; i < has_measure.size(); ++i) with_measure_[i] += has_measure[i] ? 1 : 0;
}

/// Those of one record: all of them or none. One of no task stands for a record that bills nothing.
std::optional<Flaw> Engine::add_events(std::span<const Event> events, std::uint32_t task_column,
                                       InputTotals& totals) {
  const Event& first = events.front();  // of one time and status
  if (!options_.filter.passes(first.time_ns, first.status)) {
    ++totals.filtered;
    return std::nullopt;
  }
  for (const Event& event : events) {
    if (options_.is_allowed && !event.task.empty() && !options_.is_allowed(event.task))
      return Flaw{RejectReason::unrated_task, task_column};
  }
  if (at_hand_) {
    set_aside(events);
  } else {
    bill(events, totals);
  }
  return std::nullopt;
}

/// The record waits until all inputs have been read.
void Engine::set_aside(std::span<const Event> events) {
  for (const Event& event : events) {
    at_hand_->events.push_back({event.time_ns, std::string(event.user), std::string(event.task),
                                event.status, event.quantity});
  }
  duplicates_.add(key_at_hand_, std::move(*at_hand_));
  at_hand_.reset();
}

void Engine::bill(std::span<const Event> events, InputTotals& totals) {
  ++totals.accepted;
  totals.earliest_ns = std::min(totals.earliest_ns, events.front().time_ns);
  totals.latest_ns = std::max(totals.latest_ns, events.front().time_ns);
  for (const Event& event : events) {
    if (event.task.empty()) continue;
    ++totals.events;
    totals.accepted_quantity += event.quantity;
    meter(event);
  }
}

void Engine::drop_duplicates(std::vector<InputTotals>& totals, const DuplicateSink& on_duplicate) {
  const Duplicates::Parted parted = duplicates_.part(keeps_largest_);
  for (const WaitingRecord& waiting : parted.kept) {
    const std::vector<Event> events = events_of(waiting.events);
    bill(events, totals[waiting.input]);
    totals[waiting.input].rounding += waiting.rounding;
  }
  for (const WaitingRecord& waiting : parted.dropped) {
    ++totals[waiting.input].duplicates;
    if (on_duplicate) {
      on_duplicate(waiting.input, make_rejected_record(waiting.line, waiting.offset_bytes, 1,
                                                       RejectReason::duplicate, waiting.record,
                                                       waiting.record_bytes));
    }
  }
}

void Engine::meter(const Event& event) {
  const std::uint32_t task = tasks_.index_of(event.task);
  const bool is_user_needed = options_.key.user || calls_per_cycle_ > 0;
  const std::uint32_t user = is_user_needed ? users_.index_of(event.user) : 0;
  if (calls_per_cycle_ > 0) {
    if (user == calls_by_user_.size()) calls_by_user_.emplace_back();
    calls_by_user_[user].push_back({event.time_ns, event.quantity, task, event.status});
  } else {
    const auto cycle = options_.key.cycle ? options_.cycles->cycle_of(event.time_ns) : 0;
    count({user, task, cycle, part_of(event.time_ns)}, event.quantity);
  }
}

/// The pieces of the time line before it.
std::uint32_t Engine::part_of(std::int64_t time_ns) const {
  std::uint32_t part = 0;
  for (const std::int64_t split_ns : options_.key.splits_ns) part += time_ns >= split_ns;
  return part;
}

void Engine::count(const Key& key, std::int64_t quantity) {
  Usage& usage = usage_[key];
  ++usage.calls;
  usage.quantity += quantity;
}

/// Each user's calls in their order (never that of the input), cut into runs of N from 1.
void Engine::number_calls(const std::vector<std::uint32_t>& task_places) {
  for (std::uint32_t user = 0; user < calls_by_user_.size(); ++user) {
    std::vector<Call>& calls = calls_by_user_[user];
    std::sort(calls.begin(), calls.end(), [&](const Call& a, const Call& b) {
      return std::tie(a.time_ns, task_places[a.task], a.status, a.quantity) <
             std::tie(b.time_ns, task_places[b.task], b.status, b.quantity);
    });
    for (std::size_t i = 0; i < calls.size(); ++i) {
      const auto cycle = static_cast<std::int64_t>(i / calls_per_cycle_ + 1);
      count({options_.key.user ? user : 0, calls[i].task, cycle, part_of(calls[i].time_ns)},
            calls[i].quantity);
    }
  }
}

std::unique_ptr<Sums> Engine::finish() {
  const std::vector<std::uint32_t> task_places = places(tasks_);
  number_calls(task_places);
  std::vector<Sum> rows;
  rows.reserve(usage_.size());
  for (const auto& [key, usage] : usage_) {
    const std::string_view user = options_.key.user ? users_[key.user] : std::string_view{};
    rows.push_back({user, key.cycle, task_places[key.task], usage.calls, usage.quantity, key.part});
  }
  std::sort(rows.begin(), rows.end(), [](const Sum& a, const Sum& b) {
    return std::tie(a.user, a.cycle, a.part, a.task) < std::tie(b.user, b.cycle, b.part, b.task);
  });
  return std::make_unique<SortedSums>(sorted(tasks_), std::move(rows), std::move(users_));
}

}  // namespace billing::naive
