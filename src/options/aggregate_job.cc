#include "options/aggregate_job.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <initializer_list>
#include <limits>
#include <thread>

#include "base/escape_text.h"
#include "base/split_list.h"
#include "options/choices.h"
#include "options/numbers.h"
#include "options/settings.h"

namespace billing {
namespace {

/// `2xx,404`: the statuses that pass.
StatusSet parse_statuses(const std::string& text) {
  StatusSet statuses;
  for (const std::string_view part : split_list(text)) {
    const auto digit = [&part](std::size_t i) { return part[i] >= '0' && part[i] <= '9'; };
    const bool sized = part.size() == 3 && part[0] >= '1' && part[0] <= '5';
    if (sized && digit(1) && digit(2)) {
      statuses.set(std::stoul(std::string(part)));
    } else if (sized && part.ends_with("xx")) {
      for (std::size_t i = 0; i < 100; ++i) {
        statuses.set(static_cast<std::size_t>(part[0] - '0') * 100 + i);
      }
    } else {
      throw Error(ErrorKind::configuration,
                  "\1status: " + quoted_text(part) +
                      " is no status; use a list such as 2xx,404 (100 to 599)");
    }
  }
  return statuses;
}

std::vector<std::string> inputs_of(const AggregateFlags& flags, Mistakes& mistakes) {
  std::vector<std::string> inputs = flags.inputs;
  if (inputs.empty() && !flags.state && !flags.files_from) {
    if (isatty(STDIN_FILENO)) {
      mistakes.add("no input; name a log (billing aggregate logs.txt) or pipe one in");
    }
    inputs.push_back("-");
  }
  return inputs;
}

void set_filter(const AggregateFlags& flags, const std::string& timezone, EventFilter& filter,
                Mistakes& mistakes) {
  const auto instant = [&](const char* option, const std::optional<std::string>& text,
                           std::int64_t otherwise) {
    if (!text) return otherwise;
    try {
      return parse_instant_ns(*text, timezone);
    } catch (const Error& error) {
      mistakes.add(fmt::format("{}: {}", option, error.message()));
      return otherwise;
    }
  };
  filter.since_ns = instant("\1since", flags.since, filter.since_ns);
  filter.until_ns = instant("\1until", flags.until, filter.until_ns);
  if (flags.since && flags.until && filter.since_ns > filter.until_ns) {
    mistakes.add(fmt::format("\1since: {} is later than \1until {}", quoted_text(*flags.since),
                             quoted_text(*flags.until)));
  }
  if (flags.status) {
    filter.statuses =
        mistakes.attempt([&] { return parse_statuses(*flags.status); }, filter.statuses);
  }
}

/// Usage without times is of one cycle, unless calls are counted.
void set_timeless(const AggregateFlags& flags, CycleSettings& cycles, Mistakes& mistakes) {
  if (!flags.usage.cycle) cycles.policy = "all";
  if (cycles.policy != "all" && !cycles.policy.starts_with("calls:")) {
    mistakes.add(fmt::format(
        "\1cycle {}: usage without times (\1time none) has no such cycles; use all or calls:N",
        quoted_text(cycles.policy)));
  }
  const auto refuse = [&](const std::optional<std::string>& value, const char* option) {
    if (value)
      mistakes.add(fmt::format("{}: has no effect on usage without times (\1time none)", option));
  };
  refuse(flags.since, "\1since");
  refuse(flags.until, "\1until");
}

void set_engine(const AggregateFlags& flags, const Settings& settings, AggregateJob& job,
                Mistakes& mistakes) {
  if (flags.naive && flags.parallel) mistakes.add("\1naive and \1parallel exclude each other");
  const bool by_setting = !flags.parallel && settings.engine == "naive";
  job.mediation.simd = settings.simd;
  job.engine = flags.naive || by_setting ? EngineKind::naive : EngineKind::parallel;
  const auto refuse = [&](bool given, const char* option) {
    if (given && job.engine == EngineKind::naive) {
      mistakes.add(std::string(option) +
                   ": the sequential baseline knows no such thing; leave out \1naive, or say "
                   "\1parallel where ENVIRONMENT says naive");
    }
  };
  refuse(flags.state.has_value(), "\1state");
  refuse(flags.partial.has_value(), "\1partial");
  refuse(flags.memory_limit.has_value(), "\1memory-limit");
  refuse(flags.temp_dir.has_value(), "\1temp-dir");
  refuse(flags.slice_bytes.has_value(), "\1slice-bytes");
  if (flags.chunk_bytes) {
    constexpr std::uint64_t kMaxChunkBytes = std::uint64_t{1} << 30;
    job.chunk_bytes = mistakes.attempt(
        [&] { return parse_count("\1chunk-bytes", *flags.chunk_bytes, 1, kMaxChunkBytes); },
        std::uint64_t{kDefaultChunkBytes});
  }
}

}  // namespace

AggregateJob make_aggregate_job(const AggregateFlags& flags, const Settings& settings,
                                Mistakes& mistakes) {
  AggregateJob job;
  job.inputs = inputs_of(flags, mistakes);
  job.state = flags.state;
  if (flags.state && flags.state->empty()) mistakes.add("\1state: the name is empty");
  if (flags.rejects && flags.rejects->empty()) mistakes.add("\1rejects: the name is empty");
  job.rejects = flags.rejects;
  if (flags.duplicates && flags.duplicates->empty())
    mistakes.add("\1duplicates: the name is empty");
  job.duplicates = flags.duplicates;
  if (flags.dedupe_window) {
    job.dedupe_window_ns = mistakes.attempt(
        [&] { return std::optional(parse_length_ns("\1dedupe-window", *flags.dedupe_window)); },
        job.dedupe_window_ns);
  }
  if (flags.max_rejects) {
    job.reject_limit = mistakes.attempt(
        [&] { return std::optional(parse_reject_limit(*flags.max_rejects)); }, job.reject_limit);
  }
  if (flags.max_record_bytes) {
    job.mediation.max_record_bytes = mistakes.attempt(
        [&] {
          return parse_bytes("\1max-record-bytes", *flags.max_record_bytes, kMinRecordLimitBytes,
                             kMaxRecordLimitBytes);
        },
        kDefaultMaxRecordBytes);
  }
  if (flags.max_input_bytes) {
    constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 62;
    job.max_input_bytes = mistakes.attempt(
        [&] {
          return std::optional(
              parse_bytes("\1max-input-bytes", *flags.max_input_bytes, 1, kMostBytes));
        },
        job.max_input_bytes);
  }
  job.usage = choose_usage(flags.usage, mistakes);
  job.format = choose_format_settings(flags.formats, job.usage.cycles.timezone, mistakes);
  if (!flags.formats.measures.empty() && !flags.usage.cycle) job.usage.cycles.policy = "all";
  if (flags.formats.time == "none") set_timeless(flags, job.usage.cycles, mistakes);
  set_filter(flags, job.usage.cycles.timezone, job.usage.filter, mistakes);
  set_bill(flags, settings, /*reads_records=*/true, job, mistakes);
  if (flags.state && job.unrated == UnratedPolicy::reject) {
    mistakes.add(
        "\1unrated reject and \1state exclude each other: what has no rate now may have one in a "
        "later run; use zero or fail");
  }
  set_engine(flags, settings, job, mistakes);
  return job;
}

InputSearch make_input_search(const AggregateFlags& flags, const AggregateJob& job,
                              Mistakes& mistakes) {
  InputSearch search;
  search.named = job.inputs;
  search.files_from = flags.files_from;
  search.null_separated = flags.null_separated;
  if (flags.null_separated && !flags.files_from)
    mistakes.add("\1null-separated: has no effect without \1files-from");
  const bool reads_stdin = std::find(job.inputs.begin(), job.inputs.end(), "-") != job.inputs.end();
  if (flags.files_from == "-" && reads_stdin)
    mistakes.add("\1files-from -: standard input is an input already; list the paths in a file");
  for (const auto* globs : {&flags.include, &flags.exclude}) {
    if (std::find(globs->begin(), globs->end(), "") == globs->end()) continue;
    mistakes.add(std::string(globs == &flags.include ? "\1include" : "\1exclude") +
                 ": the glob is empty");
  }
  search.include = flags.include;
  search.exclude = flags.exclude;
  if (!flags.partitioned_by) return search;
  search.partitioned_by_date = mistakes.attempt(
      [&] { return choose("\1partitioned-by", *flags.partitioned_by, kPartitions); }, false);
  if (!flags.since && !flags.until)
    mistakes.add("\1partitioned-by: has no effect without \1since or \1until");
  if (flags.since) search.since_ns = job.usage.filter.since_ns;
  if (flags.until) search.until_ns = job.usage.filter.until_ns;
  return search;
}

}  // namespace billing
