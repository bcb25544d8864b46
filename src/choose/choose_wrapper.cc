#include "choose/choose_wrapper.h"

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <utility>

#include "base/text_lines.h"
#include "billing/error.h"
#include "billing/mediate.h"
#include "billing/named_formats.h"
#include "choose/format_trial.h"
#include "wrappers/unwrapper.h"
#include "wrappers/wrapper_line.h"

namespace billing {
namespace {

std::uint64_t events_of(const FormatChoice& choice, const InputSample& sample) {
  return choice.format ? try_on(*choice.format, first_records(sample)).events : 0;
}

void set_wrapper(FormatChoice& choice, Wrapper wrapper, LogStream stream) {
  choice.wrapper = wrapper;
  choice.stream = stream;
  for (std::optional<RecordFormat>* const format : {&choice.format, &choice.form}) {
    if (!*format) continue;
    (*format)->wrapper = wrapper;
    (*format)->stream = stream;
  }
  if (choice.problem.empty()) return;
  choice.problem += "\nits lines were taken out of " + std::string(name_of(wrapper)) +
                    "; \1unwrap none reads them as they stand";
}

/// Where no format fits lines that are read as they stand.
void tell_of_wrapper(FormatChoice& choice, const InputSample& sample) {
  if (choice.problem.empty()) return;
  const Wrapper wrapper = likely_wrapper(sample);
  if (wrapper == Wrapper::none) return;
  const std::string name(name_of(wrapper));
  choice.problem += "\nits lines are in " + name + "; \1unwrap " + name + " takes them out";
}

/// What is said of text without a wrapper; nothing where it cannot even be tried.
std::optional<FormatChoice> choice_or_none(
    const InputSample& sample, const std::function<FormatChoice(const InputSample&)>& choose) {
  try {
    return choose(sample);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::configuration) throw;
    return std::nullopt;
  }
}

}  // namespace

Wrapper likely_wrapper(const InputSample& sample) {
  const InputSample first = first_records(sample);
  for (const NamedWrapper& row : named_wrappers()) {
    WrapperReader reader(row.wrapper);
    std::uint64_t lines = 0;
    std::uint64_t wrapped_lines = 0;
    for (std::string_view rest = first.bytes; !rest.empty();) {
      std::string_view line = next_line(rest);
      if (line.ends_with('\r')) line.remove_suffix(1);
      if (line.find_first_not_of(" \t") == std::string_view::npos) continue;
      WrappedLine wrapped;
      ++lines;
      if (reader.read(line, wrapped) && wrapped.is_typical) ++wrapped_lines;
    }
    if (lines > 0 && are_most(wrapped_lines, lines)) return row.wrapper;
  }
  return Wrapper::none;
}

InputSample unwrapped_sample(Wrapper wrapper, LogStream stream, const InputSample& sample) {
  UnwrappedText text =
      unwrapped(wrapper, stream, sample.bytes, sample.is_whole, kDefaultMaxRecordBytes);
  return {sample.name, std::move(text.text), sample.is_whole, true};
}

FormatChoice choose_wrapped(const FormatSettings& settings, const InputSample& sample,
                            const std::function<FormatChoice(const InputSample&)>& choose) {
  const Wrapper wrapper = settings.unwrap ? *settings.unwrap : likely_wrapper(sample);
  if (wrapper == Wrapper::none) {
    FormatChoice choice = choose(sample);
    tell_of_wrapper(choice, sample);
    return choice;
  }
  const LogStream stream = settings.stream.value_or(LogStream::out);
  const InputSample text = unwrapped_sample(wrapper, stream, sample);
  std::optional<FormatChoice> within;
  if (!settings.unwrap) {
    std::optional<FormatChoice> bare = choice_or_none(sample, choose);
    const std::uint64_t events = bare ? events_of(*bare, sample) : 0;
    within = choice_or_none(text, choose);
    if (events > 0 && (!within || events_of(*within, text) <= events)) return std::move(*bare);
  }
  FormatChoice choice = within ? std::move(*within) : choose(text);
  set_wrapper(choice, wrapper, stream);
  return choice;
}

}  // namespace billing
