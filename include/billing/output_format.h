#pragma once

namespace billing {

/// How a statement is written: lines for people, CSV (RFC 4180), or one JSON object a line.
enum class OutputFormat { text, csv, jsonl };

}  // namespace billing
