#include "billing/check.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <set>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "billing/error.h"
#include "billing/rejected_record.h"
#include "formats/input_format.h"
#include "io/input.h"
#include "io/input_sample.h"
#include "wrappers/unwrapper.h"

namespace billing {
namespace {

constexpr std::size_t kShownEvents = 10;
constexpr std::size_t kShownRejects = 3;

/// IPv4 or IPv6, with or without a port: what people take for a user where nobody logs in.
bool looks_like_address(std::string_view name) {
  const auto count = [name](char c) { return std::count(name.begin(), name.end(), c); };
  const bool is_version_4 =
      count('.') == 3 && name.find_first_not_of("0123456789.:") == std::string_view::npos;
  const bool is_version_6 =
      count(':') >= 2 &&
      name.find_first_not_of("0123456789abcdefABCDEF:.[]") == std::string_view::npos;
  return is_version_4 || is_version_6;
}

/// Keeps the `most` of least offset: batches come in no order.
template <class Value>
class FirstOnes {
 public:
  explicit FirstOnes(std::size_t most) : most_(most) {}

  /// `make` is called only for one that is kept.
  template <class Make>
  void add(std::uint64_t offset_bytes, const Make& make) {
    if (kept_.size() == most_ && offset_bytes > kept_.back().first) return;
    const auto place = std::find_if(kept_.begin(), kept_.end(),
                                    [&](const auto& one) { return one.first > offset_bytes; });
    kept_.emplace(place, offset_bytes, make());
    if (kept_.size() > most_) kept_.pop_back();
  }

  std::vector<Value> take() {
    std::vector<Value> values;
    for (auto& [offset_bytes, value] : kept_) values.push_back(std::move(value));
    return values;
  }

 private:
  std::size_t most_;
  std::vector<std::pair<std::uint64_t, Value>> kept_;
};

/// Of records that were seen: both halves of each.
using KeySet = std::set<std::pair<std::uint64_t, std::uint64_t>>;

/// Records of an input's beginning, decoded.
class BeginningReader {
 public:
  /// `bytes` may be those of `unwrapped`, which is null where there is no wrapper. `keys` are those
  /// of all records so far.
  BeginningReader(std::string_view bytes, const UnwrappedText* unwrapped, const InputFormat& format,
                  KeySet& keys, CheckedInput& input)
      : bytes_(bytes), unwrapped_(unwrapped), format_(format), keys_(keys), input_(input) {}

  void read(const MediationOptions& options) {
    add({bytes_, bytes_.size(), true, nullptr}, options);
    if (input_.is_whole) add_end(options);
    if (unwrapped_ != nullptr) take_lines_beside();
    input_.first_events = events_.take();
    input_.first_rejects = rejects_.take();
    input_.users = users_.size();
    input_.tasks = tasks_.size();
    input_.addresses =
        static_cast<std::uint64_t>(std::count_if(users_.begin(), users_.end(), looks_like_address));
  }

 private:
  void add(const RecordBytes& records, const MediationOptions& options) {
    offset_bytes_ = static_cast<std::uint64_t>(records.bytes.data() - bytes_.data());
    const auto batch = std::make_unique<EventBatch>();
    const MediationCounts counts = mediate(
        records, options, *batch, [this](const EventBatch& events) { take(events); },
        [this](const Reject& reject) { take(reject); });
    InputTotals& totals = input_.totals;
    totals.bytes += counts.bytes;
    totals.records += counts.records;
    totals.accepted += counts.events - counts.further_events;
    totals.events += counts.events - std::exchange(empty_events_, 0);
    totals.blank += counts.blanks;
    totals.directives += counts.directives;
    totals.filtered += counts.filtered;
    totals.without_quantity += counts.without_quantity;
    totals.broken += counts.is_broken ? 1 : 0;
    totals.accepted_quantity += counts.quantity;
    std::vector<std::uint64_t>& with = input_.with_measure;
    with.resize(counts.with_measure.size());
    for (std::size_t i = 0; i < with.size(); ++i) with[i] += counts.with_measure[i];
  }

  /// What an input lacks at its end, if it does.
  void add_end(const MediationOptions& options) {
    const auto cutter = format_.make_cutter(true, options.max_record_bytes);
    cutter->pass({});
    cutter->pass(bytes_);
    if (const auto missing = cutter->at_end())
      add({bytes_.substr(bytes_.size()), 0, false, missing.get()}, options);
  }

  void take_lines_beside() {
    InputTotals& totals = input_.totals;
    totals.bytes = unwrapped_->wrapped_bytes;
    totals.records += unwrapped_->lines_beside();
    totals.blank += unwrapped_->blanks;
    totals.directives += unwrapped_->directives;
    for (const RejectedLine& one : unwrapped_->rejects) {
      ++totals.rejected[static_cast<std::size_t>(one.reason)];
      rejects_.add(one.place.offset_bytes, [&one] {
        return CheckedReject{one.place.line, one.place.offset_bytes, 1,
                             one.reason,     one.record_bytes,       one.record};
      });
    }
  }

  std::uint64_t offset_at(std::uint64_t offset_bytes) const {
    return unwrapped_ == nullptr ? offset_bytes : unwrapped_->place_of(offset_bytes).offset_bytes;
  }

  std::uint64_t line_at(std::uint64_t offset_bytes) const {
    if (unwrapped_ != nullptr) return unwrapped_->place_of(offset_bytes).line;
    const std::string_view before = bytes_.substr(0, offset_bytes);
    return 1 + static_cast<std::uint64_t>(std::count(before.begin(), before.end(), '\n'));
  }

  void take(const EventBatch& batch) {
    if (batch.key != nullptr) count_duplicates(batch);
    for (std::size_t i = 0; i < batch.size; ++i) {
      users_.emplace(batch.user[i]);
      input_.totals.earliest_ns = std::min(input_.totals.earliest_ns, batch.time_ns[i]);
      input_.totals.latest_ns = std::max(input_.totals.latest_ns, batch.time_ns[i]);
      if (batch.task[i].empty()) {  // of a record whose measures are all 0
        ++empty_events_;
        continue;
      }
      tasks_.emplace(batch.task[i]);
      events_.add(batch.offset_bytes[i], [&] {
        return CheckedEvent{
            line_at(batch.offset_bytes[i]), batch.time_ns[i], std::string(batch.user[i]),
            std::string(batch.task[i]),     batch.status[i],  batch.quantity[i]};
      });
    }
  }

  void take(const Reject& reject) {
    ++input_.totals.rejected[static_cast<std::size_t>(reject.reason)];
    const std::uint64_t offset_bytes = offset_bytes_ + reject.offset_bytes;
    rejects_.add(offset_at(offset_bytes), [&] {
      const std::string_view record =
          format_.record_at(bytes_.substr(offset_bytes), reject.length_bytes);
      return CheckedReject{
          line_at(offset_bytes), offset_at(offset_bytes),
          reject.column,         reject.reason,
          record.size(),         std::string(record.substr(0, kMaxKeptRecordBytes))};
    });
  }

  /// Of several events of one record only the first counts.
  void count_duplicates(const EventBatch& batch) {
    std::uint64_t duplicates = input_.duplicates.value_or(0);
    for (std::size_t i = 0; i < batch.size; ++i) {
      const bool is_further = i > 0 && batch.offset_bytes[i] == batch.offset_bytes[i - 1];
      if (is_further || batch.key[i] == kNoKey) continue;
      if (!keys_.emplace(batch.key[i].high, batch.key[i].low).second) ++duplicates;
    }
    input_.duplicates = duplicates;
  }

  std::string_view bytes_;
  const UnwrappedText* unwrapped_;
  const InputFormat& format_;
  KeySet& keys_;
  CheckedInput& input_;
  std::uint64_t offset_bytes_ = 0;  ///< of the bytes that are being decoded
  std::unordered_set<std::string> users_;
  std::unordered_set<std::string> tasks_;
  std::uint64_t empty_events_ = 0;
  FirstOnes<CheckedEvent> events_{kShownEvents};
  FirstOnes<CheckedReject> rejects_{kShownRejects};
};

std::string first_line(std::string_view bytes) {
  constexpr std::size_t kKeptBytes = 1024;
  const std::size_t begin = std::min(bytes.find_first_not_of("\r\n"), bytes.size());
  std::string_view line = bytes.substr(begin, bytes.find('\n', begin) - begin);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return std::string(line.substr(0, kKeptBytes));
}

/// Behind the first `max_records` records of `bytes`, of those that are whole.
struct RecordsEnd {
  std::size_t bytes = 0;
  bool is_enough = false;  ///< there are so many
};

RecordsEnd end_of_records(const CutterSource& make_cutter, std::string_view bytes,
                          std::uint64_t max_records) {
  const auto cutter = make_cutter();
  cutter->pass({});
  RecordsEnd end;
  for (std::uint64_t i = 0; i < max_records; ++i) {
    const std::size_t size = cutter->first_end(bytes.substr(end.bytes), 0);
    if (size == RecordCutter::kNone) return end;
    cutter->pass(bytes.substr(end.bytes, size));
    end.bytes += size;
  }
  end.is_enough = true;
  return end;
}

/// Without its wrapper.
std::string text_of(const FormatChoice& choice, const SampleText& text) {
  if (choice.wrapper == Wrapper::none) return text.bytes;
  return unwrapped(choice.wrapper, choice.stream, text.bytes, text.is_whole, kDefaultMaxRecordBytes)
      .text;
}

class InputChecker {
 public:
  InputChecker(const CheckJob& job, const std::function<void()>& checkpoint)
      : job_(job), checkpoint_(checkpoint) {}

  CheckedInput check(const Input& input) {
    CheckedInput checked;
    checked.name = input.name();
    // Decided on as many bytes as aggregate() looks at, so that both say the same.
    SampleText text = beginning_of(input, kSampleBytes);
    const InputSample sample{checked.name, text.bytes, text.is_whole};
    checked.choice = choose_format(job_.format, sample);
    checked.format = checked.choice.format;
    if (!checked.format && checked.choice.missing.empty()) checked.format = checked.choice.form;
    if (!checked.format && !checked.choice.form)
      checked.first_record = first_line(text_of(checked.choice, text));
    if (!checked.format) return checked;

    if (!checked.choice.has_no_records) checked.format->dedupe = job_.format.dedupe;
    MediationOptions options;
    options.format = make_input_format(*checked.format);
    options.max_record_bytes = job_.max_record_bytes;
    const RecordFormat& format = *checked.format;
    const bool is_wrapped = format.wrapper != Wrapper::none;
    const CutterSource make_cutter = [&] {
      return is_wrapped ? make_line_cutter()
                        : options.format->make_cutter(true, job_.max_record_bytes);
    };
    const std::size_t size = read_enough(input, make_cutter, text, checked.is_whole);
    const std::string_view bytes = std::string_view(text.bytes).substr(0, size);
    if (is_wrapped) {
      const UnwrappedText within =
          unwrapped(format.wrapper, format.stream, bytes, checked.is_whole, job_.max_record_bytes);
      BeginningReader(within.text, &within, *options.format, keys_, checked).read(options);
    } else {
      BeginningReader(bytes, nullptr, *options.format, keys_, checked).read(options);
    }
    if (checked.totals.accepted == 0) checked.fields = fields_of(*checked.format, sample);
    return checked;
  }

 private:
  /// Where all of something compressed is there, its text must come to an end.
  SampleText beginning_of(const Input& input, std::size_t max_bytes) const {
    SampleText text = sample_of(input, max_bytes, checkpoint_);
    const bool is_all_there = input.size_bytes().value_or(input.ahead().size()) < max_bytes;
    if (is_all_there && !text.is_whole && text.bytes.size() < max_bytes)
      input.fail("is damaged or cut off: the text that is compressed in it does not end");
    return text;
  }

  /// Reads on until there are as many records as wanted, or as many bytes as are allowed. Returns
  /// how many bytes they take.
  std::size_t read_enough(const Input& input, const CutterSource& make_cutter, SampleText& text,
                          bool& is_whole) const {
    for (std::size_t max_bytes = kSampleBytes;; max_bytes *= 2) {
      const RecordsEnd end = end_of_records(make_cutter, text.bytes, job_.max_records);
      is_whole = text.is_whole && (!end.is_enough || end.bytes == text.bytes.size());
      if (is_whole) return text.bytes.size();
      if (end.is_enough) return end.bytes;
      // Of a record that does not end so soon the beginning is enough to reject it.
      if (max_bytes >= kMaxCheckedBytes) return end.bytes > 0 ? end.bytes : text.bytes.size();
      text = beginning_of(input, max_bytes * 2);
    }
  }

  const CheckJob& job_;
  const std::function<void()>& checkpoint_;
  KeySet keys_;
};

/// What aggregate() says of inputs that are fine one by one.
std::string disagreement_of(const CheckJob& job, const std::vector<CheckedInput>& inputs) {
  std::vector<std::string> names;
  std::vector<FormatChoice> choices;
  for (const CheckedInput& input : inputs) {
    if (!input.choice.format) continue;
    names.push_back(input.name);
    choices.push_back(input.choice);
  }
  try {
    agree_on_formats(job.format, names, choices);
  } catch (const Error& error) {
    return error.message();
  }
  return {};
}

}  // namespace

bool CheckReport::has_unknown() const {
  return !problem.empty() || std::any_of(inputs.begin(), inputs.end(), [](const CheckedInput& one) {
    return !one.choice.format.has_value();
  });
}

bool CheckReport::has_rejects() const {
  return std::any_of(inputs.begin(), inputs.end(),
                     [](const CheckedInput& one) { return one.totals.rejected_total() > 0; });
}

CheckReport check_inputs(const CheckJob& job, const JobHooks& hooks) {
  const std::function<void()> checkpoint = [&hooks] {
    if (hooks.cancelled()) throw Error(ErrorKind::interrupted, "interrupted");
  };
  const std::vector<Input> inputs = open_inputs(job.inputs);
  CheckReport report;
  InputChecker checker(job, checkpoint);
  for (const Input& input : inputs) {
    checkpoint();
    report.inputs.push_back(checker.check(input));
  }
  report.problem = disagreement_of(job, report.inputs);
  return report;
}

}  // namespace billing
