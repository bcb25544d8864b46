#include "job/incremental_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/count_text.h"
#include "base/escape_text.h"
#include "billing/error.h"
#include "choose/choose_wrapper.h"
#include "choose/format_trial.h"
#include "choose/growing_input.h"
#include "state/input_notes.h"
#include "state/kept_format.h"

namespace billing {
namespace {

void warn_of_each(const std::vector<std::string>& texts, const JobHooks& hooks) {
  for (std::size_t i = 0; i < texts.size() && i < kMaxListed; ++i) hooks.warn(texts[i]);
  if (texts.size() > kMaxListed)
    hooks.warn(fmt::format("... and {} more like these", grouped(texts.size() - kMaxListed)));
}

bool bills_line(const RecordFormat& format, std::string_view line) {
  InputSample sample{format.name, std::string(line), true};
  if (format.wrapper != Wrapper::none)
    sample = unwrapped_sample(format.wrapper, format.stream, sample);
  try {
    return try_on(format, sample).events > 0;
  } catch (const Error&) {
    return true;  // this program cannot tell
  }
}

/// Of ends that hold several records, as where streams are mixed: those that are bad may not be
/// whole yet.
InputTotals without_rejects(InputTotals totals) {
  totals.records -= totals.rejected_total();
  totals.rejected = {};
  totals.more_reject_lines = 0;
  totals.broken = 0;
  return totals;
}

/// Quantities are settled once formats are.
UsageOptions options_of(const AggregateJob& job) {
  UsageOptions options = job.usage;
  options.where = job.format.where;
  options.dedupe = job.format.dedupe;
  return options;
}

}  // namespace

IncrementalRun::IncrementalRun(const AggregateJob& job, const JobContext& context)
    : job_(job),
      context_(context),
      state_(*job.state, options_of(job), context.memory.names_bytes, context.checkpoint),
      rejects_(state_.folder(), state_.header().state->runs, context.checkpoint),
      lists_rejects_(job.rejects.has_value()),
      waiting_rejects_(rejects_.count_earlier()) {}

InputFormats IncrementalRun::compare(std::vector<Input> inputs) {
  inputs_ = std::move(inputs);
  for (const Input& input : inputs_) {
    if (input.compression() != Compression::none) packed_.push_back(input.once_more());
  }
  state_.compare(inputs_, job_.temp_folder, may_be_json(job_.format), context_.checkpoint,
                 bills_line);
  const KnownInputs known{state_.kept_quantity(),
                          [this](std::size_t input) { return state_.is_known(input); },
                          [this](std::size_t input) { return state_.format_before(input); }};
  return choose_input_formats(job_, inputs_, context_.checkpoint, &known);
}

Reading IncrementalRun::plan(const InputFormats& formats) {
  // Of no inputs the state's own are kept.
  state_.settle(inputs_.empty() && state_.kept_quantity() ? *state_.kept_quantity()
                                                          : formats.quantity());
  std::vector<const RecordFormat*> records;
  for (std::size_t i = 0; i < inputs_.size(); ++i) records.push_back(&formats.records(i));
  refuse_other_arrays(formats);
  plans_ = state_.plan(records, job_.mediation.max_record_bytes);
  refuse_other_borders(formats);
  warn_of_formats(formats);
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    last_formats_.push_back(last_format(formats, i));
    if (last_formats_[i] != formats.records(i)) state_.set_last_format(i, last_formats_[i]);
  }
  Reading reading(formats);
  std::map<std::size_t, std::string> input_of_log;
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    names_.push_back(inputs_[i].name());
    if (plans_[i].stands_for_log) input_of_log[*plans_[i].log] = names_[i];
    if (plans_[i].news != InputChange::known) read(i, inputs_[i], formats, reading);
  }
  for (const std::size_t log : state_.with_unread_end(plans_)) {
    const bool is_wrapped = state_.format_of_log(log).wrapper != Wrapper::none;
    const OpenEnd end{
        {}, 0, true, log, is_wrapped || state_.ends_with_first(log), input_of_log[log]};
    keep_end(*state_.header().inputs[log].seen, end);
  }
  for (const OpenEnd& end : open_ends_)
    reading.last_lines.push_back({end.bytes, end.offset_bytes, end.may_be_header});
  reading.formats = formats.of(input_of_);
  for (std::size_t i = 0; i < reading.ledger.size(); ++i)
    reading.ledger[i].format = &formats.records(input_of_[i]);
  reading.last_line_formats = last_line_formats(formats);
  log_count_ = state_.header().inputs.size();
  reading.log_count = log_count_;
  if (state_.records()) reading.kept = &*state_.records();
  return reading;
}

/// A log goes on in the format of its beginning. Only what is said can change that.
void IncrementalRun::warn_of_formats(const InputFormats& formats) const {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    if (state_.is_known(i)) continue;
    const std::optional<RecordFormat> before = state_.format_before(i);
    if (!before) continue;
    const std::string change = describe_format_change(*before, formats.records(i));
    if (change.empty()) continue;
    texts.push_back(quoted_text(inputs_[i].name()) + ": its records are read in another way: " +
                    change + "; what was billed of it stays");
  }
  warn_of_each(texts, context_.hooks);
}

/// With the filters and the key of this run, as they were said.
RecordFormat IncrementalRun::last_line_format(bool is_of_log, std::size_t owner) const {
  RecordFormat format = is_of_log ? state_.format_of_log(owner) : last_formats_[owner];
  format.where = job_.format.where;
  format.dedupe = job_.format.dedupe;
  format.timezone = job_.format.timezone;
  return format;
}

/// Whether filters or the duplicate key may ask for fields that a last line lacks, as it is taken
/// for text as yet, or no line has named its columns.
bool IncrementalRun::is_undecided(bool is_of_log, std::size_t owner) const {
  const RecordFormat format = last_line_format(is_of_log, owner);
  if (format.layout != JsonLayout::lines) return true;  // half an object
  if (!format.is_text() && !format.lacks_columns()) return false;
  if (format.where.empty() && format.dedupe.by.empty()) return false;
  try {
    make_input_format(format);
    return false;
  } catch (const Error&) {
    return true;
  }
}

/// Those of inputs, or of logs that need not be among them.
InputFormats IncrementalRun::last_line_formats(const InputFormats& formats) const {
  ChosenFormats chosen;
  for (const OpenEnd& end : open_ends_) {
    RecordFormat format = last_line_format(end.is_of_log, end.owner);
    const auto known = std::find(chosen.formats.begin(), chosen.formats.end(), format);
    chosen.of_input.push_back(static_cast<std::uint32_t>(known - chosen.formats.begin()));
    if (known == chosen.formats.end()) chosen.formats.push_back(std::move(format));
  }
  if (chosen.formats.empty()) return formats;
  return {job_.mediation, std::move(chosen.formats), std::move(chosen.of_input)};
}

void IncrementalRun::read(std::size_t input, const Input& file, const InputFormats& formats,
                          Reading& reading) {
  const InputPlan& plan = plans_[input];
  for (const LineRange& range : plan.ranges) {
    reading.ledger.push_back({file.name(), range.first_line});
    reading.inputs.push_back(file.once_more());
    if (file.compression() == Compression::none)
      reading.inputs.back().restrict_to(range.begin_bytes, range.end_bytes);
    input_of_.push_back(input);
  }
  if (plan.is_continued) return;
  const bool is_wrapped = formats.records(input).wrapper != Wrapper::none;
  const bool may_be_header = is_wrapped || plan.ends_with_first;
  keep_end(plan.seen, {{}, 0, false, input, may_be_header, names_[input]});
}

void IncrementalRun::keep_end(const SeenContent& seen, OpenEnd end) {
  const std::uint64_t bytes = seen.bytes - seen.taken_bytes;
  const bool is_kept = !seen.last_line.empty();
  if (is_kept && !is_undecided(end.is_of_log, end.owner)) {
    end.bytes = seen.last_line;
    end.offset_bytes = seen.taken_bytes;
    open_ends_.push_back(std::move(end));
  } else if (is_kept || bytes > kMaxLastLineBytes) {
    ++unmetered_lines_;
    warn_of_unfinished(end.teller.empty() ? state_.header().inputs[end.owner].name : end.teller,
                       bytes);
  }
}

void IncrementalRun::verify(const std::vector<Input>& inputs) const {
  for (const Input& input : packed_) input.verify_unchanged();
  PrefixHasher hasher(state_.header().state->secret, context_.checkpoint);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const Input& input = inputs[i];
    const SeenContent& seen = plans_[input_of_[i]].seen;
    if (input.is_unchanged()) continue;
    if (input.compression() != Compression::none) input.verify_unchanged();
    // A log that is being written to goes on changing; what was read of it must not.
    hasher.begin(input.fd(), input.name());
    const bool is_as_read = !input.has_lost_pages() && hasher.of_first(seen.bytes) == seen.hash;
    input.close();  // there may be more of them than may be open at once
    if (!is_as_read) input.verify_unchanged();
  }
}

void IncrementalRun::account(const MeteringResult& metered, JobReport& report) {
  std::vector<InputTotals> whole_lines(plans_.size());
  for (std::size_t i = 0; i < input_of_.size(); ++i) whole_lines[input_of_[i]] += metered.totals[i];
  std::vector<InputTotals> inputs = whole_lines;
  std::vector<InputTotals> logs;
  if (metered.deduped) {
    logs = logs_with(metered, metered.deduped->billed);
  } else {
    for (const PartialInput& log : state_.header().inputs) logs.push_back(log.totals);
  }
  std::vector<InputTotals> billed = logs;
  StateReport& state = report.state.emplace();
  account_last_lines(metered, inputs, logs, state);
  report_inputs(inputs, logs, report);
  for (std::size_t i = 0; i < metered.compressed_bytes.size(); ++i)
    report.inputs[input_of_[i]].compressed_bytes += metered.compressed_bytes[i];
  warn_of_broken(whole_lines);
  warn_of_shared(state);
  warn_of_replaced(logs);
  if (metered.deduped) state_.set_totals(logs_with(metered, metered.deduped->of_kept()));
  changed_ = state_.take_in(names_, plans_, taken_lines(metered));
  billed.resize(state_.header().inputs.size());
  for (std::size_t i = 0; i < plans_.size(); ++i)
    if (plans_[i].news != InputChange::known) billed[state_.log_of(i)] += whole_lines[i];
  for (std::size_t log = 0; log < billed.size(); ++log) {
    billed_inputs_.push_back({state_.header().inputs[log].name, billed[log], {}});
    report.totals += billed[log];
  }
  report.totals += last_lines_input_.totals;
}

/// What cannot be billed is not rejected: the rest of the line may be on its way.
void IncrementalRun::account_last_lines(const MeteringResult& metered,
                                        std::vector<InputTotals>& inputs,
                                        std::vector<InputTotals>& logs, StateReport& state) {
  state.unfinished = unmetered_lines_;
  for (std::size_t i = 0; i < open_ends_.size(); ++i) {
    const OpenEnd& end = open_ends_[i];
    const InputTotals& totals = metered.last_lines_totals[i];
    if (totals.rejected_total() > 0) {
      ++state.unfinished;
      if (!end.teller.empty()) warn_of_unfinished(end.teller, end.bytes.size());
      if (totals.accepted == 0) continue;
    }
    const InputTotals whole = without_rejects(totals);
    last_lines_input_.totals += whole;
    (end.is_of_log ? logs : inputs)[end.owner] += whole;
  }
}

/// Each record once: with the input that holds all of its log, else with the log's own name.
void IncrementalRun::report_inputs(const std::vector<InputTotals>& inputs,
                                   const std::vector<InputTotals>& logs, JobReport& report) const {
  StateReport& state = *report.state;
  std::vector<bool> is_reported(logs.size(), false);
  for (std::size_t i = 0; i < plans_.size(); ++i) {
    const InputPlan& plan = plans_[i];
    report.inputs.push_back({names_[i], inputs[i], name_of(plan.news)});
    if (plan.stands_for_log) {
      report.inputs.back().totals += logs[*plan.log];
      is_reported[*plan.log] = true;
    }
    ++(plan.news == InputChange::known   ? state.known
       : plan.news == InputChange::grown ? state.grown
                                         : state.fresh);
  }
  for (std::size_t log = 0; log < logs.size(); ++log) {
    if (!is_reported[log])
      report.inputs.push_back({state_.header().inputs[log].name, logs[log], {}});
  }
}

void IncrementalRun::warn_of_unfinished(const std::string& name, std::uint64_t bytes) const {
  context_.hooks.warn(
      fmt::format("{}: ends in the middle of a line ({}); that line is billed once it is complete",
                  quoted_text(name), counted(bytes, "byte")));
}

/// A log that ended with broken JSON when it was read, and goes on. `read`: what it has grown by.
void IncrementalRun::warn_of_broken(const std::vector<InputTotals>& read) const {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < plans_.size(); ++i) {
    if (plans_[i].news != InputChange::grown || !plans_[i].has_objects || read[i].records > 0)
      continue;
    texts.push_back(quoted_text(names_[i]) +
                    ": goes on behind broken JSON, which ends an input: what it has grown by is "
                    "not billed");
  }
  warn_of_each(texts, context_.hooks);
}

void IncrementalRun::warn_of_shared(StateReport& state) const {
  std::vector<std::string> once;
  std::vector<std::string> twice;  // told first: it may be too much
  for (std::size_t i = 0; i < plans_.size(); ++i) {
    for (const SharedRecords& shared : plans_[i].shared) {
      const bool counts_once = shared.place <= SharedRecords::Place::in_the_rest;
      if (counts_once) state.shared_records += shared.records;
      (counts_once ? once : twice).push_back(describe(names_[i], shared));
    }
  }
  warn_of_each(twice, context_.hooks);
  warn_of_each(once, context_.hooks);
}

void IncrementalRun::warn_of_replaced(const std::vector<InputTotals>& logs) const {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < plans_.size(); ++i) {
    if (plans_[i].replaced)
      texts.push_back(describe_replacement(names_[i], plans_[i], logs[*plans_[i].replaced]));
  }
  warn_of_each(texts, context_.hooks);
}

}  // namespace billing
