#include "io/compressed.h"

#include "base/escape_text.h"

namespace billing {

std::string describe_compressed(std::string_view name, std::string_view first_bytes) {
  const bool gzip = first_bytes.starts_with("\x1f\x8b");
  const bool zstd = first_bytes.starts_with("\x28\xb5\x2f\xfd");
  if (!gzip && !zstd) return "";
  std::string text =
      gzip ? "is compressed with gzip; try: zcat " : "is compressed with zstd; try: zstdcat ";
  if (name != kStdinName) append_escaped(text, name);
  return text + " | billing aggregate -";
}

}  // namespace billing
