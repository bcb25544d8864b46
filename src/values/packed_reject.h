#pragma once

// A reject as bytes: while its turn has not come, and in the files of a state.

#include <optional>
#include <string>

#include "base/byte_codec.h"
#include "billing/rejected_record.h"

namespace billing {

/// Appends all but the excerpt, which is cut again from the record. Files of states are made of
/// this: another layout needs another version of them.
void pack_reject(std::string& out, const RejectedRecord& reject);

/// Reads what pack_reject() wrote; the record's text stays in the bytes that are read. Of other
/// bytes the result is anything, or none for a reason that this program does not know; `bytes` may
/// have failed.
std::optional<RejectedRecord> unpack_reject(ByteReader& bytes);

}  // namespace billing
