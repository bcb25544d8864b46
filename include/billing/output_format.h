#pragma once

namespace billing {

/// How a statement is written: lines for people, CSV (RFC 4180), or one JSON object a line. All in
/// UTF-8.
enum class OutputFormat { text, csv, jsonl };

}  // namespace billing
