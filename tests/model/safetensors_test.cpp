#include "core/model/safetensors.h"

#include <cstdint>
#include <fstream>

#include "core/io/atomic_file.h"
#include "prumux/error.h"
#include "support.h"

namespace prumux::model {
namespace {

std::string file_of(const std::string& header, const std::string& data) {
  const std::uint64_t length = header.size();
  std::string content(reinterpret_cast<const char*>(&length), sizeof length);
  return content + header + data;
}

std::string error_of_reading(const std::string& content) {
  TemporaryFolder folder;
  const auto file = folder.path() / "x.safetensors";
  std::ofstream(file, std::ios::binary) << content;
  try {
    read_safetensors(file);
  } catch (const DataError& problem) {
    const std::string text = problem.what();
    const std::string start = "'" + file.string() + "' is no valid safetensors file: ";
    EXPECT_EQ(text.substr(0, start.size()), start);
    return text.substr(start.size());
  }
  return "no error";
}

TEST(Safetensors, ReadsWhatThePythonLibraryWrote) {
  const TensorMap tensors = golden("enc_bert");
  EXPECT_EQ(tensors.at("input_ids").scalar_type(), at::kLong);
  EXPECT_EQ(tensors.at("pooler_output").sizes(), (std::vector<std::int64_t>{3, 32}));
}

TEST(Safetensors, EveryTypeAndShapeSurvivesARoundTrip) {
  TemporaryFolder folder;
  const auto file = folder.path() / "x.safetensors";
  TensorMap tensors;
  for (const at::ScalarType type : {at::kDouble, at::kFloat, at::kHalf, at::kBFloat16, at::kLong,
                                    at::kInt, at::kShort, at::kChar, at::kByte}) {
    tensors[c10::toString(type)] = at::arange(12).view({3, 4}).to(type).t();
  }
  tensors["bool"] = at::arange(3).eq(1);
  tensors["scalar"] = at::scalar_tensor(2.5);
  tensors["no rows"] = at::empty({0, 7});
  tensors["a \"quoted\" näme"] = at::ones({1});
  write_safetensors(file, tensors);
  const TensorMap read = read_safetensors(file);
  ASSERT_EQ(read.size(), tensors.size());
  for (const auto& [name, tensor] : tensors) {
    EXPECT_TRUE(read.at(name).equal(tensor)) << name;
    EXPECT_EQ(read.at(name).scalar_type(), tensor.scalar_type()) << name;
  }
}

TEST(Safetensors, WritesTheSameBytesForTheSameTensors) {
  TemporaryFolder folder;
  const TensorMap tensors = {{"b", at::ones({2})}, {"a", at::zeros({3})}};
  write_safetensors(folder.path() / "1", tensors);
  write_safetensors(folder.path() / "2", tensors);
  EXPECT_EQ(io::read_file(folder.path() / "1"), io::read_file(folder.path() / "2"));
}

TEST(Safetensors, SaysWhatIsWrongWithAFile) {
  EXPECT_EQ(error_of_reading("abc"), "it is shorter than its 8-byte header length");
  EXPECT_EQ(error_of_reading(file_of("{}", "").substr(0, 9)),
            "it says that its header has 2 bytes, but the file has 9; is it cut off?");
  EXPECT_EQ(error_of_reading(std::string(16, '\xff')),
            "it says that its header has 18446744073709551615 bytes, but the file has 16; is it "
            "cut off?");
  EXPECT_EQ(error_of_reading(file_of("{", "")).substr(0, 25), "its header is no JSON ([j");
  EXPECT_EQ(error_of_reading(file_of("[]", "")), "its header is no JSON object");
  EXPECT_EQ(error_of_reading(file_of(R"({"t":3})", "")),
            "tensor 't': its description is no object");
  EXPECT_EQ(
      error_of_reading(file_of(R"({"t":{"dtype":"F8","shape":[1],"data_offsets":[0,1]}})", "x")),
      "tensor 't': dtype \"F8\" is not supported");
  EXPECT_EQ(
      error_of_reading(file_of(R"({"t":{"dtype":"U8","shape":[-1],"data_offsets":[0,1]}})", "x")),
      "tensor 't': its shape [-1] has an element that is no size");
  EXPECT_EQ(
      error_of_reading(file_of(
          R"({"t":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,1]}})", "x")),
      "tensor 't': its shape [4611686018427387904,4] is too large");
  EXPECT_EQ(
      error_of_reading(file_of(R"({"t":{"dtype":"U8","shape":[2],"data_offsets":[0,1]}})", "x")),
      "tensor 't': it has 1 bytes, but shape [2] of \"U8\" needs 2");
  EXPECT_EQ(
      error_of_reading(file_of(R"({"t":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}})", "x")),
      "tensor 't': its data_offsets [0,2] are not inside the data, which has 1 bytes; is the "
      "file cut off?");
  EXPECT_EQ(
      error_of_reading(file_of(R"({"t":{"dtype":"U8","shape":[1],"data_offsets":[0]}})", "x")),
      "tensor 't': its data_offsets are no pair of numbers");
}

TEST(Safetensors, RefusesAHeaderThatIsNestedTooDeep) {
  const std::string nested = std::string(300000, '[') + std::string(300000, ']');
  EXPECT_EQ(error_of_reading(file_of(R"({"t":{"dtype":)" + nested + "}}", "")),
            "its header is no JSON (it is nested deeper than 64 levels)");
}

TEST(Safetensors, RefusesAnEmptyTensorWhoseStridesAreNoNumbers) {
  EXPECT_EQ(error_of_reading(file_of(R"({"t":{"dtype":"F32","shape":)"
                                     R"([0,4611686018427387904,4611686018427387904],)"
                                     R"("data_offsets":[0,0]}})",
                                     "")),
            "tensor 't': its shape [0,4611686018427387904,4611686018427387904] is too large");
}

TEST(Safetensors, AllowsNeitherOverlapsNorGapsNorRepetitions) {
  const auto two = [](const char* first, const char* second) {
    return error_of_reading(
        file_of(std::string(R"({"a":{"dtype":"U8","shape":[2],"data_offsets":)") + first +
                    R"(},"b":{"dtype":"U8","shape":[2],"data_offsets":)" + second + "}}",
                "wxyz"));
  };
  EXPECT_EQ(two("[0,2]", "[2,4]"), "no error");
  EXPECT_EQ(two("[0,2]", "[1,3]"), "tensor 'b' overlaps the one before it");
  EXPECT_EQ(two("[1,3]", "[2,4]"), "there are 1 unused bytes before tensor 'a'");
  EXPECT_EQ(
      error_of_reading(file_of(R"({"t":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})", "xy")),
      "there are 1 unused bytes at its end");
  EXPECT_EQ(error_of_reading(file_of(R"({"t":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                                     R"("t":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})",
                                     "x")),
            "tensor 't' occurs twice");
}

/// Every file that is cut off anywhere is an error, never a crash.
TEST(Safetensors, NoTruncationIsRead) {
  TemporaryFolder folder;
  write_safetensors(folder.path() / "x", {{"a", at::ones({3})}, {"b", at::ones({2, 2})}});
  const std::string whole = io::read_file(folder.path() / "x");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_NE(error_of_reading(whole.substr(0, size)), "no error") << size;
  }
}

TEST(Safetensors, SaysThatTheFileIsNotThere) {
  EXPECT_THROW(read_safetensors("/nowhere/x.safetensors"), IoError);
  EXPECT_THROW(read_safetensors("/tmp"), IoError);
}

}  // namespace
}  // namespace prumux::model
