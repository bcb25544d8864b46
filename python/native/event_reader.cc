#include "event_reader.h"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/unique_ptr.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "arrow_capsules.h"
#include "bill.h"
#include "billing/money.h"
#include "errors.h"
#include "event_decoder.h"
#include "event_formats.h"
#include "file_piece.h"
#include "formats/input_format.h"
#include "interrupts.h"
#include "io/input_sample.h"
#include "keywords.h"
#include "options/aggregate_job.h"
#include "totals.h"

namespace nb = nanobind;
using namespace nanobind::literals;

namespace billing::python {
namespace {

constexpr const char* kDoc =
    R"(Turns records into tables of events, with fields of theirs beside them.

fields maps names of columns to what they hold of a record: a field, a piece of a list (`FIELD:first`),
a template ('$request_method $path') or several with commas, of which the first counts that is there.
Options are those of `billing aggregate` that say what records are and which are wanted: formats, fields
and filters. There are no measures and no duplicates, and no prices. What is constant is said with `=`:
user="=-", quantity="1". The unit and the digits of the first input are those of all.

read_lines(lines, name, first_line=1), read_file(path, begin=0, end=None) and iterate_file(...) decode on
the calling thread without the GIL (a compressed file is decompressed ahead by one more). One call at a
time; readers are independent.

Raises ConfigurationError, Error (a file cannot be read or changed meanwhile), TypeError,
KeyboardInterrupt.)";

constexpr const char* kEventsDoc =
    R"(Events of records: a table in memory, in the order of the input.

Columns: time (timestamp[ns, UTC]), user and task (strings), status (int32, null where there is none),
quantity (int64, or decimal128(19, digits)), offset (int64: where the record begins, in bytes of the
input, decompressed), then a string for each field that was asked for, null where it is missing. What is
not UTF-8 in these is written \xhh for each byte. len() is the number of events; totals (a dict) and
rejects (a table) tell of all other records.)";

constexpr const char* kPiecesDoc =
    R"(The events of a file, piece by piece: an iterator of Events, which holds one at a time in memory.)";

KeywordRules reader_rules() {
  KeywordRules rules{"EventReader", program_refusals(/*reads_env=*/false), {"fields"}};
  const auto refuse = [&rules](std::initializer_list<std::string_view> keywords,
                               const char* advice) {
    for (const std::string_view keyword : keywords) rules.refused.push_back({keyword, advice});
  };
  refuse({"input", "files_from", "null_separated", "include", "exclude", "partitioned_by"},
         "has no meaning here: read_file() and read_lines() say what is read");
  refuse({"rate", "rates", "unrated", "rounding", "scale", "group_by", "cycle", "anchor_day"},
         "has no meaning here: events are neither added up nor billed");
  refuse({"partial", "state", "rejects", "max_rejects", "duplicates", "csv_safe"},
         "an EventReader writes no files; see Events.rejects and Events.totals");
  refuse({"dedupe_by", "dedupe_keep", "dedupe_missing", "dedupe_window"},
         "an EventReader finds no duplicates; drop them where its events go");
  refuse({"measure"}, "an event has one quantity; read others as fields");
  refuse({"unwrap", "stream"}, "an EventReader takes lines as they stand");
  refuse({"threads", "memory_limit", "temp_dir"}, "an EventReader works on the calling thread");
  refuse({"naive", "parallel", "slice_bytes"}, "has no meaning here");
  return rules;
}

/// A file, or a piece of it, that is decoded chunk by chunk.
class FileEvents {
 public:
  FileEvents(EventFormats& formats, const std::string& path, std::uint64_t begin,
             std::optional<std::uint64_t> end, const std::function<void()>& checkpoint)
      : formats_(formats), file_(formats.job(), path, begin, end, checkpoint) {
    if (file_.is_empty()) return;
    SampleText text = sample_of(file_.inputs().front(), kSampleBytes, checkpoint);
    const MediationOptions& mediation =
        formats.choose({file_.name(), std::move(text.bytes), text.is_whole});
    format_ = mediation.format;
    file_.open(*format_);
    const std::uint64_t begin_bytes = file_.piece() ? file_.piece()->begin_bytes : 0;
    decoder_.emplace(mediation, formats.job().usage.filter, file_.name(), begin_bytes,
                     begin_bytes == 0 ? 1 : 0);
  }

  /// Adds the events of the next chunk; false behind the last.
  bool next(DecodedEvents& events) {
    auto decoder = std::exchange(decoder_, std::nullopt);  // nothing comes behind an exception
    if (!decoder || !file_.next(chunk_)) return false;
    decoder->decode(chunk_, events);
    decoder_ = std::move(decoder);
    return true;
  }

  DecodedEvents no_events() const { return formats_.no_events(); }

 private:
  EventFormats& formats_;
  FilePiece file_;
  Chunk chunk_;  // whose memory the next one takes
  std::shared_ptr<const InputFormat> format_;
  std::optional<EventDecoder> decoder_;  // none: nothing more comes
};

class Reader {
 public:
  Reader(const nb::object& fields, const nb::dict& keywords)
      : formats_(job_of(keywords, reader_rules()), columns_of(fields)) {}

  DecodedEvents read_lines(std::string_view bytes, const std::string& name,
                           std::uint64_t first_line) {
    DecodedEvents events;
    steps_.run([&] {
      const MediationOptions mediation = formats_.choose(
          {name, std::string(bytes.substr(0, kSampleBytes)), bytes.size() <= kSampleBytes});
      events = formats_.no_events();
      const auto cutters = [&] {
        return make_cutter(*mediation.format, true, mediation.max_record_bytes);
      };
      const auto source = records_in_memory({{name, bytes}}, formats_.job().chunk_bytes, cutters);
      EventDecoder decoder(mediation, formats_.job().usage.filter, name, 0, first_line);
      for (Chunk chunk; source->next(chunk);) {
        steps_.check();
        decoder.decode(chunk, events);
      }
    });
    return events;
  }

  DecodedEvents read_file(const std::string& path, std::uint64_t begin,
                          std::optional<std::uint64_t> end) {
    refuse_stream(path, "path");
    DecodedEvents events;
    steps_.run([&] {
      FileEvents file(formats_, path, begin, end, [this] { steps_.check(); });
      events = file.no_events();
      while (file.next(events)) continue;
    });
    return events;
  }

  std::unique_ptr<FileEvents> open_file(const std::string& path, std::uint64_t begin,
                                        std::optional<std::uint64_t> end) {
    refuse_stream(path, "path");
    std::unique_ptr<FileEvents> file;
    steps_.run([&] {
      file = std::make_unique<FileEvents>(formats_, path, begin, end, [this] { steps_.check(); });
    });
    return file;
  }

  /// Nothing behind the last piece.
  std::optional<DecodedEvents> next(FileEvents& file) {
    std::optional<DecodedEvents> events;
    steps_.run([&] {
      DecodedEvents next = file.no_events();
      if (file.next(next)) events = std::move(next);
    });
    return events;
  }

 private:
  EventFormats formats_;
  WorkInSteps steps_{"EventReader"};
};

/// Of a reader that outlives it.
struct EventPieces {
  Reader& reader;
  std::unique_ptr<FileEvents> file;
};

nb::dict totals_of(const DecodedEvents& events) {
  return dict_of(events.totals, events.unit, events.table->quantity_digits);
}

void bind_events(nb::module_& module) {
  nb::class_<DecodedEvents>(module, "Events", kEventsDoc)
      .def("__len__", [](const DecodedEvents& events) { return events.table->size; })
      .def("__arrow_c_schema__",
           [](const DecodedEvents& events) { return schema_of(events.table->fields()); })
      .def(
          "__arrow_c_stream__",
          [](const DecodedEvents& events, nb::handle) {
            return stream_of(read_as_arrow(events.table));
          },
          "requested_schema"_a = nb::none())
      .def_prop_ro("totals", totals_of)
      .def_prop_ro("rejects", [](const DecodedEvents& events) { return Rejects{events.rejects}; })
      .def("__repr__", [](const DecodedEvents& events) {
        return "<billing.Events: " + std::to_string(events.table->size) + ">";
      });
  nb::class_<EventPieces>(module, "EventPieces", kPiecesDoc)
      .def("__iter__", [](nb::handle self) { return nb::borrow(self); })
      .def("__next__", [](EventPieces& pieces) {
        std::optional<DecodedEvents> events = pieces.reader.next(*pieces.file);
        if (!events) throw nb::stop_iteration();
        return *std::move(events);
      });
}

}  // namespace

void bind_event_reader(nb::module_& module) {
  bind_events(module);
  nb::class_<Reader>(module, "EventReader", kDoc)
      .def(
          "__init__",
          [](Reader* self, nb::object fields, nb::kwargs keywords) {
            new (self) Reader(fields, nb::dict(keywords));
          },
          nb::kw_only(), "fields"_a = nb::none(), "options"_a)
      .def(
          "read_lines",
          [](Reader& reader, nb::bytes lines, nb::handle name, std::uint64_t first_line) {
            return reader.read_lines({lines.c_str(), lines.size()}, text_of(name, "name"),
                                     first_line);
          },
          "lines"_a, "name"_a, "first_line"_a = 1)
      .def(
          "read_file",
          [](Reader& reader, nb::handle path, std::uint64_t begin,
             std::optional<std::uint64_t> end) {
            return reader.read_file(text_of(path, "path"), begin, end);
          },
          "path"_a, "begin"_a = 0, "end"_a = nb::none())
      .def(
          "iterate_file",
          [](Reader& reader, nb::handle path, std::uint64_t begin,
             std::optional<std::uint64_t> end) {
            return EventPieces{reader, reader.open_file(text_of(path, "path"), begin, end)};
          },
          "path"_a, "begin"_a = 0, "end"_a = nb::none(), nb::keep_alive<0, 1>());
}

}  // namespace billing::python
