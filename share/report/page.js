const form=document.getElementById('page:filter'),count=document.getElementById('page:count');
const contents=document.getElementById('page:contents');
const all=[...document.querySelectorAll('[data-verdict]')],sections=all.filter(e=>e.tagName==='SECTION');
const details=[...document.querySelectorAll('main details')];
const wide=matchMedia('(min-width:75rem)');
let unknown='';

function fits(e){
  const note=form.note?form.note.value:'';
  return (!form.verdict.value||e.dataset.verdict===form.verdict.value)&&
         (!note||e.dataset.sources.split(' ').includes(note));
}
function show(){
  for(const e of all)e.hidden=!fits(e);
  const n=sections.filter(fits).length;
  count.textContent=unknown+(n===sections.length?'':n+' of '+sections.length+' shown.');
}
/* The address holds the filter, the entry of the history what is open: both survive a reload. */
function keep(){
  const url=new URL(location.href);
  for(const select of form.querySelectorAll('select'))
    if(select.value)url.searchParams.set(select.name,select.value);
    else url.searchParams.delete(select.name);
  try{history.replaceState({open:details.flatMap((d,i)=>d.open?[i]:[])},'',url)}catch{}
}
/* What the address asks for; what this page does not have is said. */
function read(){
  const missing=[];
  for(const [name,value] of new URLSearchParams(location.search)){
    const select=form.querySelector('select[name="'+CSS.escape(name)+'"]');
    if(select&&[...select.options].some(o=>o.value===value))select.value=value;
    else missing.push(name+'='+value);
  }
  if(missing.length)unknown='The address asks for '+missing.join(' and ')+', which this page does not have. ';
}
/* A link to a claim that the filter hides shows it. */
function follow(){
  const target=document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if(target&&target.closest('[hidden]')){form.reset();show();keep();target.scrollIntoView()}
}
/* What can be scrolled sideways can be reached by keyboard. */
function reach(){
  for(const e of document.querySelectorAll('.wide'))
    if(e.scrollWidth>e.clientWidth){e.tabIndex=0;e.setAttribute('role','group');e.setAttribute('aria-label','Scrolls sideways')}
    else{e.removeAttribute('tabindex');e.removeAttribute('role');e.removeAttribute('aria-label')}
}

/* Where one is, in the contents. */
const seen=new IntersectionObserver(entries=>{
  for(const entry of entries){
    const link=contents.querySelector('a[href="#'+CSS.escape(entry.target.id)+'"]');
    if(!link)continue;
    if(!entry.isIntersecting)link.removeAttribute('aria-current');
    else{link.setAttribute('aria-current','true');if(wide.matches)link.scrollIntoView({block:'nearest'})}
  }
},{rootMargin:'-20% 0px -79% 0px'});
for(const section of document.querySelectorAll('section'))seen.observe(section);

read();
form.addEventListener('change',()=>{unknown='';show();keep()});
form.addEventListener('reset',()=>setTimeout(()=>{unknown='';show();keep()}));
form.addEventListener('submit',e=>e.preventDefault());
form.hidden=sections.length<2;
for(const i of history.state&&history.state.open||[])if(details[i])details[i].open=true;
for(const d of details)d.addEventListener('toggle',()=>{keep();reach()});
contents.open=wide.matches;
wide.addEventListener('change',()=>{contents.open=wide.matches});
contents.addEventListener('click',e=>{if(e.target.closest('a')&&!wide.matches)contents.open=false});
addEventListener('hashchange',follow);
addEventListener('resize',reach);
show();
follow();
reach();
