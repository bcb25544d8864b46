#include "cli/print.h"

#include <optional>

#include "io/output_file.h"

namespace billing::cli {

void print(std::string_view text) {
  const auto output = OutputFile::open("-", std::nullopt);
  output->append(text);
  output->commit();
}

}  // namespace billing::cli
