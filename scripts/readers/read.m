% Reads a merged results file in Octave (package netcdf, Debian: octave-netcdf), as results/README.md says one does.
%   octave-cli read.m RESULTS.h5
% Prints a line a thing read, its name and its values; scripts/check-interop.py compares them. Arrays come out with
% their dimensions reversed: [epoch, run]. Texts, columns and attributes, are not read: the package does not know them.
1;
function values = variable(file, group, name)
  place = netcdf_inqGrpFullNcid(file, group);
  values = netcdf_getVar(place, netcdf_inqVarID(place, name));
end
function say(name, values)
  printf("%s", name); printf(" %.17g", values); printf("\n");
end

pkg load netcdf
file = netcdf_open(argv(){1}, "NC_NOWRITE");
errors = variable(file, "/summary", "test_error");
say("median", median(errors(! isnan(errors))));
say("seeds", variable(file, "/summary", "seed"));
say("curve", variable(file, "/series/epoch", "test_error")(:, 1));
say("steps", variable(file, "/series/step", "step")(:, 1));
netcdf_close(file);
