#include "core/model/torch_archive.h"

#include <fstream>

#include "core/io/atomic_file.h"
#include "core/model/pickle.h"
#include "prumux/error.h"
#include "support.h"

namespace prumux::model {
namespace {

using std::string_literals::operator""s;

TensorMap interpret(const std::string& pickle) {
  return read_pickled_tensors(pickle, [](const StorageReference& reference) {
    EXPECT_EQ(reference.type, "FloatStorage");
    return at::arange(6).to(at::kFloat);
  });
}

std::string error_of(const std::string& pickle) {
  try {
    interpret(pickle);
  } catch (const DataError& problem) {
    return problem.what();
  }
  return "no error";
}

/// {"w": tensor} with the shape and strides given as pickle opcodes.
std::string one_tensor(const std::string& shape, const std::string& strides,
                       const std::string& offset = "K\x00"s) {
  return "\x80\x02}X\x01\x00\x00\x00wctorch._utils\n_rebuild_tensor_v2\n(("s +
         "X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x00"s +
         "0X\x03\x00\x00\x00"s + "cpuK\x06tQ"s + offset + shape + strides + "\x89"s +
         "ccollections\nOrderedDict\n)RtRs."s;
}

TEST(TorchArchive, ReadsWhatTorchSaveWrote) {
  const auto folder = golden_folder("seq_gh_indexpos_n2") / "model";
  const TensorMap pickled = read_torch_archive(folder / "pytorch_model.bin");
  const TensorMap safe = read_safetensors(folder / "model.safetensors");
  ASSERT_EQ(pickled.size(), safe.size());
  for (const auto& [name, tensor] : safe) EXPECT_TRUE(pickled.at(name).equal(tensor)) << name;
}

TEST(Pickle, RebuildsATensorWithItsStrides) {
  const TensorMap tensors = interpret(one_tensor("K\x03K\x02\x86"s, "K\x01K\x03\x86"s));
  EXPECT_TRUE(tensors.at("w").equal(at::arange(6).to(at::kFloat).view({2, 3}).t()));
}

TEST(Pickle, RefusesATensorThatIsLargerThanItsStorage) {
  const std::string expected = "a tensor of 7 elements and more in a storage of 6";
  EXPECT_NE(error_of(one_tensor("K\x07\x85"s, "K\x01\x85"s)).find(expected), std::string::npos);
  EXPECT_NE(error_of(one_tensor("K\x06\x85"s, "K\x01\x85"s, "K\x01"s)).find(expected),
            std::string::npos);
  EXPECT_NE(error_of(one_tensor("J\xff\xff\xff\xff\x85"s, "K\x01\x85"s)).find("a negative number"),
            std::string::npos);
}

TEST(Pickle, RefusesATensorThatRepeatsElements) {
  EXPECT_NE(error_of(one_tensor("K\x07\x85"s, "K\x00\x85"s))
                .find("a tensor of 7 elements and more in a storage of 6"),
            std::string::npos);
  const std::string most = "\x8a\x08\x00\x00\x00\x00\x00\x00\x00\x40"s;
  EXPECT_NE(error_of(one_tensor("K\x00"s + most + most + "\x87"s, "K\x00K\x00K\x00\x87"s))
                .find("a tensor that is too large"),
            std::string::npos);
}

TEST(Pickle, MayNestContainersAsDeepAsItLikes) {
  const std::string expected = "something else than a dictionary of tensors";
  EXPECT_NE(error_of("\x80\x02)"s + std::string(2000000, '\x85') + "."s).find(expected),
            std::string::npos);
  std::string dictionaries = "\x80\x02"s;
  for (int depth = 0; depth < 500000; ++depth) dictionaries += "}N"s;
  EXPECT_NE(error_of(dictionaries + "N"s + std::string(500000, 's') + "."s)
                .find("something else than a tensor's name"),
            std::string::npos);
}

TEST(Pickle, TakesNoMemoryForTextsThatItRepeats) {
  std::string pickle = "\x80\x02X\x00\x00\x10\x00"s + std::string(1 << 20, 'x') + "q\x00"s;
  for (int repetition = 0; repetition < 200000; ++repetition) pickle += "h\x00"s;
  EXPECT_NE(error_of(pickle + "."s).find("something else than a dictionary of tensors"),
            std::string::npos);
}

TEST(Pickle, RefusesForeignGlobalsByNameAndRunsNothing) {
  EXPECT_EQ(error_of("\x80\x02"s + "cos\nsystem\nX\x02\x00\x00\x00ls\x85R."s),
            "at byte 13 of its pickle: it refers to 'os.system', which is not needed for tensors; "
            "expected a dictionary of tensors as torch.save writes a state dict");
  EXPECT_NE(error_of("\x80\x04\x8c\x08"s + "builtins\x8c\x04"s + "eval\x93."s)
                .find("it refers to 'builtins.eval'"),
            std::string::npos);
}

TEST(Pickle, RefusesWhatIsNoDictionaryOfTensors) {
  EXPECT_NE(error_of("\x80\x02K\x01."s).find("something else than a dictionary of tensors"),
            std::string::npos);
  EXPECT_NE(error_of("\x80\x02}X\x01\x00\x00\x00wK\x01s."s).find("entry 'w' is no tensor"),
            std::string::npos);
  EXPECT_NE(error_of("\x80\x02i"s).find("opcode 0x69"), std::string::npos);
}

TEST(Pickle, NoTruncationOrChangedByteIsACrash) {
  const std::string whole = one_tensor("K\x03K\x02\x86"s, "K\x01K\x03\x86"s);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_NE(error_of(whole.substr(0, size)), "no error") << size;
  }
  for (std::size_t position = 0; position < whole.size(); ++position) {
    for (int value = 0; value < 256; ++value) {
      std::string changed = whole;
      changed[position] = static_cast<char>(value);
      try {
        read_pickled_tensors(changed, [](const StorageReference&) { return at::ones({6}); });
      } catch (const DataError&) {
      }
    }
  }
}

TEST(TorchArchive, SaysThatTheOldFormatIsNotRead) {
  TemporaryFolder folder;
  const auto file = folder.path() / "pytorch_model.bin";
  std::ofstream(file, std::ios::binary) << "\x80\x02\x8a\x0al\xfc\x9c"s;
  try {
    read_torch_archive(file);
    FAIL() << "no error";
  } catch (const DataError& problem) {
    EXPECT_EQ(problem.what(),
              "'" + file.string() +
                  "' is no zip archive: it is damaged, or in the format that PyTorch wrote before "
                  "1.6. Load it in Python and save it again with torch.save, or as "
                  "model.safetensors");
  }
}

TEST(TorchArchive, ADamagedArchiveIsAnError) {
  TemporaryFolder folder;
  const auto file = folder.path() / "x.bin";
  const std::string whole =
      io::read_file(golden_folder("prune_mux_n2") / "pruned" / "pytorch_model.bin");
  for (const std::size_t size : {whole.size() / 2, whole.size() - 1, std::size_t{100}}) {
    std::ofstream(file, std::ios::binary) << whole.substr(0, size);
    EXPECT_THROW(read_torch_archive(file), DataError) << size;
  }
}

}  // namespace
}  // namespace prumux::model
