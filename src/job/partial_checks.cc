#include "job/partial_checks.h"

#include <fmt/format.h>

#include <string>

#include "base/count_text.h"
#include "base/escape_text.h"
#include "base/shell_word.h"
#include "billing/error.h"
#include "io/file_identity.h"

namespace billing {

void refuse_last_lines(const PartialFile& partial) {
  if (partial.last_lines == 0) return;
  const std::string& path = partial.rows.bytes->name();
  const bool is_one = partial.last_lines == 1;
  throw Error(
      ErrorKind::run,
      fmt::format("{}: is the state of incremental runs and holds {} without an end ({}). Runs "
                  "with the state bill {}, but {} not in the rows. Make a partial of everything "
                  "with: billing aggregate \1state {} \1partial FILE",
                  quoted_text(path), counted(partial.last_lines, "last line"),
                  counted(partial.last_lines_bytes, "byte"), is_one ? "it" : "them",
                  is_one ? "it is" : "they are", shell_word(split_path(path).folder)));
}

void check_same_options(const PartialFile& first, const PartialFile& other) {
  const std::string difference = describe_difference(first.named_options, first.rows.bytes->name(),
                                                     other.named_options, other.rows.bytes->name());
  if (difference.empty()) return;
  throw Error(ErrorKind::run, "these partials were made with different options:\n" + difference +
                                  "\nmake them alike from their logs, or bill each by itself");
}

}  // namespace billing
