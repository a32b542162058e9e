const form=document.getElementById('page:filter');
const count=document.getElementById('page:count');
const all=[...document.querySelectorAll('[data-verdict]')];
function apply(){
  const verdict=form.verdict.value,note=form.note.value;
  for(const e of all)
    e.hidden=Boolean(verdict&&e.dataset.verdict!==verdict||
                     note&&!e.dataset.notes.split(' ').includes(note));
  const sections=all.filter(e=>e.tagName==='SECTION');
  count.textContent=sections.filter(e=>!e.hidden).length+' of '+sections.length+' shown';
}
for(const [name,value] of new URLSearchParams(location.search))
  if(form[name]&&[...form[name].options].some(o=>o.value===value))form[name].value=value;
form.addEventListener('change',apply);
form.addEventListener('submit',e=>e.preventDefault());
addEventListener('beforeprint',()=>document.querySelectorAll('details').forEach(d=>d.open=true));
form.hidden=false;
apply();
