#include "state/run_state.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/escape_text.h"
#include "billing/error.h"
#include "state/input_planner.h"
#include "state/kept_format.h"

namespace billing {
RunState::RunState(const std::string& folder, const UsageOptions& options,
                   std::uint64_t max_logs_bytes, const std::function<void()>& checkpoint)
    : folder_(folder), memory_(max_logs_bytes) {
  header_.options = options;
  if (folder_.has_partial()) {
    open(options, checkpoint);
  } else {
    header_.state = StateIdentity{make_content_secret(), 0};
  }
}

void RunState::open(const UsageOptions& options, const std::function<void()>& checkpoint) {
  const std::string path = folder_.partial_path();
  PartialSink sink;
  sink.input = [this](const PartialInput& input) {
    // What is no state, as is found out below, has seen nothing.
    memory_.add_log(input.name.size(), input.seen ? input.seen->last_line.size() : 0);
    header_.inputs.push_back(input);
    if (input.seen && input.seen->format)
      header_.inputs.back().seen->format = shared_format(*input.seen->format);
  };
  sink.earlier = [this](const EarlierContent& content) {
    memory_.add_earlier_length();
    header_.inputs.back().seen->earlier.push_back(content);
  };
  PartialFile partial = open_partial(path, make_cycle_policy, sink, checkpoint);
  header_.options = partial.options;
  UsageOptions wanted = options;
  wanted.quantity = header_.options.quantity;
  refuse_difference(wanted);
  if (!partial.state) {
    throw Error(ErrorKind::run, quoted_text(path) +
                                    ": is a partial, but no state; choose another "
                                    "folder for \1state");
  }
  header_.state = partial.state;
  if (!partial.records || partial.has_rows) rows_ = std::move(partial.rows);
  records_ = std::move(partial.records);
}

void RunState::refuse_difference(const UsageOptions& options) const {
  const std::string difference =
      describe_difference(header_.options, folder_.path(), options, "this run");
  if (difference.empty()) return;
  throw Error(ErrorKind::configuration, "\1state: the state was made with other options:\n" +
                                            difference + "\nuse the same ones, or another folder");
}

/// Logs of one kind share what is kept of their format.
std::shared_ptr<const std::string> RunState::shared_format(std::string_view kept) {
  if (kept.empty()) return nullptr;
  const auto found = formats_.find(kept);
  if (found != formats_.end()) return found->second;
  auto shared = std::make_shared<const std::string>(kept);
  formats_.emplace(std::string(kept), shared);
  return shared;
}

void RunState::compare(std::vector<Input>& inputs, const std::string& temp_folder,
                       bool may_be_arrays, const std::function<void()>& checkpoint,
                       BillsLine bills_line) {
  bills_line_ = std::move(bills_line);
  compared_ = std::make_unique<ComparedInputs>(header_.inputs, inputs, header_.state->secret,
                                               temp_folder, may_be_arrays, checkpoint);
}

std::optional<QuantityRules> RunState::kept_quantity() const {
  const InputTotals totals = header_.totals();
  if (totals.records > totals.blank + totals.directives) return header_.options.quantity;
  for (std::size_t log = 0; log < header_.inputs.size(); ++log) {
    if (bills_last_line(log)) return header_.options.quantity;
  }
  return std::nullopt;
}

/// Whether the last line of a log is an event as it stands, and no input goes on with the log.
bool RunState::bills_last_line(std::size_t log) const {
  const SeenContent& seen = *header_.inputs[log].seen;
  if (seen.last_line.empty() || compared_->has_heirs(log)) return false;
  RecordFormat format = format_of_log(log);
  const bool may_be_header = format.wrapper != Wrapper::none || ends_with_first(log);
  if (format.family == FormatFamily::csv && format.has_header && may_be_header) return false;
  if (format.layout != JsonLayout::lines) return false;
  format.has_header = false;
  return bills_line_(format, seen.last_line);
}

bool RunState::is_known(std::size_t input) const {
  const ComparedInputs::Start& start = compared_->start(input);
  const std::uint64_t bytes = compared_->seen(input).bytes;
  return bytes == 0 || start.log || (start.longest && start.longest->bytes == bytes);
}

/// Of what an input begins with. It need not be the one that goes on with the log; but it begins
/// with a record of the log, so it is read alike.
std::optional<std::size_t> RunState::log_before(std::size_t input) const {
  const std::size_t asked = input;
  const ComparedInputs::Start* start = &compared_->start(input);
  while (!start->log && start->longest && !compared_->is_log(start->longest->source)) {
    const std::size_t other = compared_->input_of(start->longest->source);
    if (other == input) return std::nullopt;
    input = other;
    start = &compared_->start(input);
  }
  if (!start->log && !start->longest) return std::nullopt;
  // Logs of all kinds may begin with the same few bytes, or with blanks.
  const std::uint64_t shared_bytes =
      start->log ? compared_->seen(input).bytes : start->longest->bytes;
  if (!is_known(asked) && !compared_->has_line_within(asked, shared_bytes)) return std::nullopt;
  return start->log ? start->log : start->longest->source;
}

std::optional<RecordFormat> RunState::format_before(std::size_t input) const {
  const std::optional<std::size_t> log = log_before(input);
  if (!log || has_open_format(*log)) return std::nullopt;
  return format_of_log(*log);
}

/// Whether a log's format is found out anew: nothing that was seen of it tells which it is.
bool RunState::has_open_format(std::size_t log) const {
  if (ends_with_first(log)) return true;
  const InputTotals& totals = header_.inputs[log].totals;
  const RecordFormat format = format_of_log(log);
  const bool is_wrapped = format.wrapper != Wrapper::none;
  const bool has_directives_alone = totals.records == totals.blank + totals.directives;
  if (is_wrapped && format.is_text())
    return totals.accepted == 0 && totals.filtered == 0 && totals.duplicates == 0;
  return has_directives_alone && (is_wrapped || format.family == FormatFamily::w3c);
}

RecordFormat RunState::format_of_log(std::size_t log) const {
  const SeenContent& seen = *header_.inputs[log].seen;
  RecordFormat format = seen.format ? format_kept_as(*seen.format) : RecordFormat{};
  format.quantity = header_.options.quantity;
  format.dedupe = header_.options.dedupe;
  format.timezone = header_.options.cycles.timezone;
  return format;
}

bool RunState::ends_with_first(std::size_t log) const {
  const InputTotals& totals = header_.inputs[log].totals;
  return totals.records == totals.blank;
}

void RunState::settle(const QuantityRules& quantity) {
  if (kept_quantity()) {
    UsageOptions wanted = header_.options;
    wanted.quantity = quantity;
    refuse_difference(wanted);
  }
  header_.options.quantity = quantity;
}

std::vector<InputPlan> RunState::plan(std::span<const RecordFormat* const> formats,
                                      std::uint64_t max_record_bytes) {
  std::vector<RecordEnds> of_logs;
  for (std::size_t log = 0; log < header_.inputs.size(); ++log) {
    const auto& format = header_.inputs[log].seen->format;
    of_logs.push_back(format ? record_ends_of(format_kept_as(*format), max_record_bytes)
                             : RecordEnds{});
  }
  std::vector<RecordEnds> of_inputs;
  for (const RecordFormat* const format : formats) {
    of_inputs.push_back(record_ends_of(*format, max_record_bytes));
    input_formats_.push_back(shared_format(kept_format(*format)));
  }
  compared_->set_record_ends(std::move(of_logs), std::move(of_inputs));
  return InputPlanner(*compared_, memory_).plan();
}

void RunState::set_last_format(std::size_t input, const RecordFormat& format) {
  input_formats_[input] = shared_format(kept_format(format));
}

void RunState::set_totals(std::span<const InputTotals> of_logs) {
  for (std::size_t log = 0; log < of_logs.size(); ++log) header_.inputs[log].totals = of_logs[log];
}

bool RunState::take_in(const std::vector<std::string>& names, const std::vector<InputPlan>& plans,
                       const std::vector<InputTotals>& totals) {
  const auto is_new = [](const InputPlan& plan) { return plan.news != InputChange::known; };
  if (std::none_of(plans.begin(), plans.end(), is_new)) {
    if (!remember_packed(plans, std::vector<std::size_t>(plans.size()))) return false;
    ++header_.state->runs;
    return true;
  }
  ++header_.state->runs;
  for (const InputPlan& plan : plans) {
    for (const std::size_t log : plan.ended) {
      SeenContent& seen = *header_.inputs[log].seen;
      seen.taken_bytes = seen.bytes;
      seen.last_line.clear();
    }
  }
  // By size: an input that continues another one comes after it.
  std::vector<std::size_t> order(plans.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&plans](std::size_t a, std::size_t b) {
    return plans[a].seen.bytes < plans[b].seen.bytes;
  });
  log_of_.resize(plans.size());
  for (const std::size_t i : order) {
    const InputPlan& plan = plans[i];
    if (!is_new(plan)) continue;
    if (plan.news == InputChange::fresh) {
      log_of_[i] = header_.inputs.size();
      header_.inputs.push_back({names[i], {}, std::nullopt});
    } else {
      log_of_[i] = plan.other ? log_of_[*plan.other] : *plan.log;
    }
    SeenContent seen = plan.seen;
    seen.taken_lines = plan.passed_lines + totals[i].records;
    seen.format = input_formats_[i];
    grow(header_.inputs[log_of_[i]], names[i], totals[i], seen, plan.start_with_end);
  }
  remember_packed(plans, log_of_);
  return true;
}

/// So that what is compressed need not be decompressed again to be known. `log_of`: by input, of
/// those that are new. True where there was any.
bool RunState::remember_packed(const std::vector<InputPlan>& plans,
                               const std::vector<std::size_t>& log_of) {
  bool is_any = false;
  for (std::size_t i = 0; i < plans.size(); ++i) {
    const InputPlan& plan = plans[i];
    if (!plan.packed || plan.seen.bytes == 0) continue;
    const bool is_known = plan.news == InputChange::known;
    SeenContent& seen =
        *header_.inputs[!is_known  ? log_of[i]
                        : plan.log ? *plan.log
                                   : log_of[*plan.other]]
             .seen;
    // A log may have held it without having been read at that length.
    const auto is_it = [&](const EarlierContent& content) {
      return content.bytes == plan.seen.bytes && content.hash == plan.seen.hash;
    };
    if (!is_it({seen.bytes, seen.hash}) &&
        std::none_of(seen.earlier.begin(), seen.earlier.end(), is_it))
      continue;
    if (seen.packed.size() == kMaxPacked) seen.packed.erase(seen.packed.begin());
    seen.packed.push_back(*plan.packed);
    is_any = true;
  }
  return is_any;
}

/// What the log held before stays known, because there may be copies of it.
void RunState::grow(PartialInput& log, const std::string& name, const InputTotals& totals,
                    const SeenContent& seen, const std::optional<EarlierContent>& with_end) const {
  std::vector<EarlierContent> earlier;
  std::vector<PackedContent> packed;
  ContentHash head = seen.head;
  if (log.seen) {
    head = log.seen->head;
    packed = std::move(log.seen->packed);
    earlier = std::move(log.seen->earlier);
    earlier.push_back({log.seen->bytes, log.seen->hash});
    if (with_end) earlier.push_back(*with_end);
  }
  log.name = name;
  log.totals += totals;
  log.seen = seen;
  log.seen->head = head;
  log.seen->earlier = std::move(earlier);
  log.seen->packed = std::move(packed);
  log.seen->taken_run = header_.state->runs;
}

std::vector<std::size_t> RunState::with_unread_end(const std::vector<InputPlan>& plans) const {
  std::vector<bool> reads_on(header_.inputs.size(), false);
  for (const InputPlan& plan : plans) {
    if (plan.news == InputChange::grown && plan.log) reads_on[*plan.log] = true;
    for (const std::size_t log : plan.ended) reads_on[log] = true;
  }
  std::vector<std::size_t> logs;
  for (std::size_t log = 0; log < reads_on.size(); ++log) {
    const SeenContent& seen = *header_.inputs[log].seen;
    if (!reads_on[log] && seen.bytes > seen.taken_bytes) logs.push_back(log);
  }
  return logs;
}

}  // namespace billing
