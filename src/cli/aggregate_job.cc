#include "cli/aggregate_job.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <limits>
#include <thread>

#include "base/escape_text.h"
#include "cli/log.h"
#include "cli/numbers.h"
#include "cli/settings.h"

namespace billing::cli {
namespace {

/// The choice whose name was typed. Throws Error(configuration) that lists the names.
template <class Value, std::size_t kCount>
Value choose(const char* option, const std::string& text,
             const std::pair<const char*, Value> (&choices)[kCount]) {
  std::string names;
  for (const auto& [name, value] : choices) {
    if (text == name) return value;
    names += (names.empty() ? "" : ", ") + std::string(name);
  }
  throw Error(ErrorKind::configuration,
              fmt::format("{}: unknown {}; use one of {}", option, quoted_text(text), names));
}

OutputFormat output_format_of(const AggregateFlags& flags) {
  static constexpr std::pair<const char*, OutputFormat> kFormats[] = {
      {"text", OutputFormat::text}, {"csv", OutputFormat::csv}, {"jsonl", OutputFormat::jsonl}};
  if (flags.output_format) return choose("--output-format", *flags.output_format, kFormats);
  const std::string_view path = flags.output ? *flags.output : std::string_view();
  if (path.ends_with(".csv")) return OutputFormat::csv;
  if (path.ends_with(".jsonl") || path.ends_with(".ndjson")) return OutputFormat::jsonl;
  return OutputFormat::text;
}

/// `2xx,404`: the statuses that pass.
std::bitset<600> parse_statuses(const std::string& text) {
  std::bitset<600> statuses;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string part = text.substr(begin, end - begin);
    const auto digit = [&part](std::size_t i) { return part[i] >= '0' && part[i] <= '9'; };
    const bool sized = part.size() == 3 && part[0] >= '1' && part[0] <= '5';
    if (sized && digit(1) && digit(2)) {
      statuses.set(std::stoul(part));
    } else if (sized && part.ends_with("xx")) {
      for (std::size_t i = 0; i < 100; ++i) {
        statuses.set(static_cast<std::size_t>(part[0] - '0') * 100 + i);
      }
    } else {
      throw Error(ErrorKind::configuration,
                  "--status: " + quoted_text(part) +
                      " is no status; use a list such as 2xx,404 (100 to 599)");
    }
    begin = end + 1;
  }
  return statuses;
}

RateSetting parse_rate_flag(const std::string& text) {
  const std::size_t equals = text.rfind('=');
  if (equals == std::string::npos) {
    throw Error(ErrorKind::configuration,
                "--rate: " + quoted_text(text) + " is not of the form task=0.005");
  }
  return {text.substr(0, equals), text.substr(equals + 1), "--rate"};
}

std::vector<std::string> inputs_of(const AggregateFlags& flags, Mistakes& mistakes) {
  std::vector<std::string> inputs = flags.inputs;
  if (inputs.empty()) {
    if (isatty(STDIN_FILENO)) {
      mistakes.add("no input; name a log (billing aggregate logs.txt) or pipe one in");
    }
    inputs.push_back("-");
  }
  return inputs;
}

/// The zone as given; another in place of one that does not exist, so that this is said once.
std::string timezone_of(const AggregateFlags& flags, Mistakes& mistakes) {
  return mistakes.attempt(
      [&] {
        check_timezone(flags.timezone);
        return flags.timezone;
      },
      std::string("UTC"));
}

void set_filter(const AggregateFlags& flags, const std::string& timezone, AggregateJob& job,
                Mistakes& mistakes) {
  const auto instant = [&](const char* option, const std::optional<std::string>& text,
                           std::int64_t otherwise) {
    if (!text) return otherwise;
    try {
      return parse_instant_ns(*text, timezone);
    } catch (const Error& error) {
      mistakes.add(fmt::format("{}: {}", option, error.what()));
      return otherwise;
    }
  };
  job.filter.since_ns = instant("--since", flags.since, job.filter.since_ns);
  job.filter.until_ns = instant("--until", flags.until, job.filter.until_ns);
  if (flags.since && flags.until && job.filter.since_ns > job.filter.until_ns) {
    mistakes.add("--since: is later than --until");
  }
  if (flags.status) {
    job.filter.statuses =
        mistakes.attempt([&] { return parse_statuses(*flags.status); }, job.filter.statuses);
  }
}

void set_billing(const AggregateFlags& flags, const std::string& timezone, AggregateJob& job,
                 Mistakes& mistakes) {
  static constexpr std::pair<const char*, UnratedPolicy> kUnrated[] = {
      {"zero", UnratedPolicy::zero},
      {"reject", UnratedPolicy::reject},
      {"fail", UnratedPolicy::fail}};
  job.group_by = mistakes.attempt([&] { return parse_group_by(flags.group_by); }, GroupBy{});
  CycleSettings cycles{flags.cycle, timezone, std::nullopt};
  if (flags.anchor_day) {
    const auto day = mistakes.attempt(
        [&] { return parse_count("--anchor-day", *flags.anchor_day, 1, 31); }, std::uint64_t{0});
    if (day > 0) cycles.anchor_day = static_cast<int>(day);
  }
  job.cycles = mistakes.attempt(
      [&] { return std::shared_ptr<const CyclePolicy>(make_cycle_policy(cycles)); },
      std::shared_ptr<const CyclePolicy>());
  if (flags.unrated) {
    job.unrated = mistakes.attempt([&] { return choose("--unrated", *flags.unrated, kUnrated); },
                                   UnratedPolicy::unset);
  }
  if (const auto rounding = parse_rounding(flags.rounding)) {
    job.rounding.mode = *rounding;
  } else {
    mistakes.add("--rounding: unknown " + quoted_text(flags.rounding) +
                 "; use one of half-up, half-even, half-down, up, down");
  }
  job.rounding.scale = static_cast<int>(mistakes.attempt(
      [&] { return parse_count("--scale", flags.scale, 0, kMoneyDecimals); }, std::uint64_t{2}));
}

void set_prices(const AggregateFlags& flags, const Settings& settings, AggregateJob& job,
                Mistakes& mistakes) {
  std::vector<RateSetting> typed;
  for (const std::string& text : flags.rates) {
    const RateSetting rate = mistakes.attempt([&] { return parse_rate_flag(text); }, RateSetting{});
    if (!rate.source.empty()) typed.push_back(rate);
  }
  job.prices = PriceBook::build({settings.env_file_rates, settings.environment_rates, typed},
                                mistakes.list());
}

void set_engine(const AggregateFlags& flags, const Settings& settings, AggregateJob& job,
                Mistakes& mistakes) {
  if (flags.naive && flags.parallel) mistakes.add("--naive and --parallel exclude each other");
  const bool by_setting = !flags.parallel && settings.engine == "naive";
  job.mediation.simd = read_simd_level(mistakes);
  job.engine = flags.naive || by_setting ? EngineKind::naive : EngineKind::parallel;
  job.threads = std::clamp(std::thread::hardware_concurrency(), 1U, kMaxThreads);
  if (flags.threads) {
    job.threads = mistakes.attempt([&] { return parse_threads(*flags.threads); }, 1U);
  }
  if (flags.chunk_bytes) {
    constexpr std::uint64_t kMaxChunkBytes = std::uint64_t{1} << 30;
    job.chunk_bytes = mistakes.attempt(
        [&] { return parse_count("--chunk-bytes", *flags.chunk_bytes, 1, kMaxChunkBytes); },
        std::uint64_t{kDefaultChunkBytes});
  }
}

}  // namespace

AggregateJob make_aggregate_job(const AggregateFlags& flags, Mistakes& mistakes) {
  const Settings settings = read_settings(flags.env_file, mistakes);
  if (settings.log_level && !set_log_level(*settings.log_level)) {
    mistakes.add("LOG_LEVEL: unknown level " + quoted_text(*settings.log_level) +
                 "; use one of trace, debug, info, warning, error, critical, off");
  }
  if (flags.summary != "text" && flags.summary != "json") {
    mistakes.add("--summary: unknown " + quoted_text(flags.summary) + "; use text or json");
  }

  AggregateJob job;
  job.started_s = std::time(nullptr);
  job.inputs = inputs_of(flags, mistakes);
  if (flags.output) job.output = *flags.output;
  if (job.output.empty()) mistakes.add("--output: the name is empty; use - for standard output");
  if (flags.rejects && flags.rejects->empty()) mistakes.add("--rejects: the name is empty");
  job.output_format = mistakes.attempt([&] { return output_format_of(flags); }, OutputFormat::text);
  job.csv_safe = flags.csv_safe;
  job.rejects = flags.rejects;
  if (flags.max_rejects) {
    job.reject_limit = mistakes.attempt(
        [&] { return std::optional(parse_reject_limit(*flags.max_rejects)); }, job.reject_limit);
  }
  const std::string timezone = timezone_of(flags, mistakes);
  set_billing(flags, timezone, job, mistakes);
  set_filter(flags, timezone, job, mistakes);
  set_prices(flags, settings, job, mistakes);
  set_engine(flags, settings, job, mistakes);
  return job;
}

}  // namespace billing::cli
