#include "cli/manual.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "base/text_lines.h"
#include "cli/help_text.h"

namespace billing::cli {
namespace {

struct Entry {
  std::string_view term;
  std::string_view meaning;
};

constexpr Entry kFiles[] = {
    {".env",
     "Rates and settings of the current folder, lines KEY=VALUE; --env-file names another "
     "file in its place. A task that holds = is quoted: RATE_\"a=b\"=.005."},
    {"/usr/share/zoneinfo", "The system's time zones."},
};

constexpr Entry kEnvironment[] = {
    {"RATE_<task>",
     "Price of a millisecond of the task, such as RATE_login=.005. Wins over .env; "
     "--rate wins over it. What is no decimal is passed over with a warning."},
    {"ENVIRONMENT", "naive picks the sequential baseline, anything else the parallel engine."},
    {"LOG_LEVEL",
     "What is told on standard error: trace, debug, info (the default), warning (no "
     "summary), error, critical or off. The exit code tells in any case."},
    {"NO_COLOR", "If not empty, messages on a terminal have no colours."},
    {"TMPDIR", "Where temporary files go, unless --temp-dir says otherwise; else /var/tmp."},
    {"TZDIR", "Where the system's time zones are, if elsewhere."},
    {"BILLING_SIMD", "scalar, avx2 or avx512 forces the level of decoding, for tests."},
};

constexpr Entry kExitStatus[] = {
    {"0", "Done. Also where the reader of standard output had enough."},
    {"1", "Input or output failed, an amount overflowed, or control totals did not balance."},
    {"2", "A mistake in options, environment, .env or prices; or no task has a rate."},
    {"3", "More bad records than allowed, or bad records and not one good one."},
    {"130", "Interrupted."},
};

/// Text as man(7) takes it: no escapes, no requests, and hyphens that can be copied as options.
std::string escaped(std::string_view text) {
  std::string out = text.starts_with('.') || text.starts_with('\'') ? "\\&" : "";
  for (const char c : text) {
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
  }
  return out;
}

void append_entry(std::string& out, const std::string& term, std::string_view meaning) {
  out += ".TP\n" + term + "\n" + escaped(meaning) + "\n";
}

template <class Entries>
void append_section(std::string& out, const char* heading, const Entries& entries) {
  out += fmt::format(".SH {}\n", heading);
  for (const Entry& entry : entries) {
    append_entry(out, ".B " + escaped(entry.term), entry.meaning);
  }
}

std::string term_of(const OptionRow& row) {
  std::string names =
      row.short_name() == '\0' ? "" : fmt::format("\\fB\\-{}\\fR, ", row.short_name());
  names += "\\fB\\-\\-" + escaped(row.long_name()) + "\\fR";
  return row.value.empty() ? names : names + " \\fI" + escaped(row.value) + "\\fR";
}

/// A paragraph; lines that begin with a space stand as they are.
void append_note(std::string& out, std::string_view note) {
  out += ".PP\n";
  while (!note.empty()) {
    const std::string_view line = next_line(note);
    if (line.starts_with(' ')) {
      out += ".RS 4\n.nf\n" + escaped(line.substr(line.find_first_not_of(' '))) + "\n.fi\n.RE\n";
    } else {
      out += escaped(line) + "\n";
    }
  }
}

void append_command(std::string& out, const DocumentedCommand& one) {
  out += fmt::format(".SS \"{}\"\n{}.\n", escaped(usage_line(*one.command, one.options)),
                     escaped(one.command->purpose));
  for (const std::string_view note : one.options.notes) append_note(out, note);
  for (const std::string_view group : groups_of(one.options)) {
    if (group != kPlainGroup) out += fmt::format(".PP\n\\fI{}\\fR\n", escaped(group));
    for (const OptionRow& row : one.options.options) {
      if (row.group == group) append_entry(out, term_of(row), purpose_of(row) + ".");
    }
  }
}

}  // namespace

std::string manual_page(const std::vector<DocumentedCommand>& commands) {
  std::string out =
      fmt::format(".TH BILLING 1 \"\" \"billing {}\" \"User Commands\"\n", BILLING_VERSION);
  out += ".SH NAME\nbilling \\- turn API logs into bills\n.SH SYNOPSIS\n";
  for (const DocumentedCommand& one : commands) {
    out += fmt::format("{}.B {}\n", &one == commands.data() ? "" : ".br\n",
                       escaped(usage_line(*one.command, one.options)));
  }
  out += ".SH DESCRIPTION\n" + escaped(kProgramPurpose) + "\n";
  out += ".SH COMMANDS\n";
  for (const DocumentedCommand& one : commands) append_command(out, one);
  append_section(out, "FILES", kFiles);
  append_section(out, "ENVIRONMENT", kEnvironment);
  append_section(out, "EXIT STATUS", kExitStatus);
  out += ".SH EXAMPLES\n";
  for (const DocumentedCommand& one : commands) {
    for (const Example& example : one.options.examples) {
      append_entry(out, ".B " + escaped(example.command), example.outcome);
    }
  }
  return out;
}

}  // namespace billing::cli
